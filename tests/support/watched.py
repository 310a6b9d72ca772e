"""A page of a browser, what it asked for, and what it complained about."""

from playwright.sync_api import Page

REFUSAL = "Failed to load resource: the server responded with"


class Watched:
    """A page under watch: ``asked`` has the URLs, ``complaints`` what went wrong in its scripts or on its way."""

    def __init__(self, page: Page) -> None:
        self.page, self.asked, self.complaints = page, list[str](), list[str]()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfailed", lambda request: self.complaints.append(f"{request.url} failed"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def defects(self) -> list[str]:
        """Complaints but for refusals that the API meant and for requests that a view no longer wanted."""
        return [said for said in self.complaints if not said.startswith(REFUSAL) and not said.endswith(" failed")]
