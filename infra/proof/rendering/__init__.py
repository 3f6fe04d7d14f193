"""A report for people and programs: text, Markdown, a page that opens from disk, JSON and its schema."""

from infra.proof.rendering.html import as_html
from infra.proof.rendering.json import as_json
from infra.proof.rendering.markdown import as_markdown
from infra.proof.rendering.text import Line, as_lines, finding_lines

__all__ = ["Line", "as_html", "as_json", "as_lines", "as_markdown", "finding_lines"]
