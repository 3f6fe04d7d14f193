"""How Bulkhead's HTML pages look and are made: one style sheet, and templates in which no text of others is markup."""
