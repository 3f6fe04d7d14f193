"""One proof for many tenants: the cost grows with them, not with their pairs, and a change costs one tenant.

``stacks`` and ``forms`` make of each tenant's facts its *form*: everything that the proof reads, with the words that
mean nothing to it replaced by their places. ``classes`` finds which of these words are *names*, and puts tenants whose
forms agree in all but names into one class. Three of each class stand for it: `prove` asks what the first of them can
do, beside all that stand for others and what is shared, and ``expanding`` tells what was found for all. ``cache`` keeps
forms and findings, by digests of what they follow from.

**Why that is enough.** A text is words (runs of ASCII letters and digits, and UUIDs) and separators. Take a permutation
h of words that moves names only, each to a name of its kind, and apply it to a text word by word. A word is a name if

1. it is in the facts of one tenant alone, in one spelling, and not in what is shared or told beside the facts;
2. it has no meaning: it is not in the catalogue's ARNs, actions and keys, in no text of the evaluator's or proof's own
   code, in no place of a document but Resource, an ARN of Principal, Sid, or a value that is compared as text; it is no
   account;
3. no pattern names a part of it: the ends of literal texts beside ``*``, ``?`` and policy variables are separators, or
   the name's kind says which beginnings (or which ends) of words that some pattern asks for it has. A name that is
   itself asked for as a beginning, as in ``acme*``, is no beginning of any other word that is known; h then renames it
   in all words that begin with it;
4. it is no part of a UUID, and no pattern names a part of a UUID that is a name; where patterns count characters, names
   of a kind are of one length; where a condition ignores case, they all have letters or none has.

Then a pattern P matches a text s if and only if h(P) matches h(s): by 3 every literal text of P covers whole words of
s, or the same part of h(s), and ``*`` covers the rest either way. By 2 everything else that evaluator and proof ask of
a text has the same answer for h(s). So a request is allowed in an estate if and only if its image is allowed in the
image of the estate. Two tenants of a class have the same form, so that for any tenants x, y, z there is such an h that
takes their facts to those of three that stand for their classes, and leaves what is shared as it is.

An estate leaks if and only if it leaks in one step across: on a chain through a third tenant, the first step that makes
x somebody of z's is a request of x's on what is z's. Such a step rests on the facts of x and z, on what is shared, and
at most on the endpoint of a third tenant; these are three at most. So nothing is found among those that stand for all
if and only if nothing is to be found, and what is found between two holds for all pairs of their classes.

What breaks a condition is no name, and tells its tenants apart: they are classes of their own, and are proven one by
one. Where a policy puts a value that is not written down beside the half of a word (``bh-${aws:username}*``), there are
no names at all. That the facts of a deployment may be read without the others is checked by `stacks.tied`.
"""

from infra.proof.template.inputs import Input, Kind
from infra.proof.template.prove import prove_all

__all__ = ["Input", "Kind", "prove_all"]
