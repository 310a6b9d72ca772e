"""What a client follows until it has ended, a job or a sweep: waited for, and sent again only once it is another."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from threading import Event
from typing import Any, Protocol, TypeVar

from flask import Response, request
from werkzeug.http import unquote_etag

from contract.errors import Unavailable
from contract.job import TERMINAL, Revision
from service.documented import Answer
from service.house import house
from service.routing import answer
from service.waiting import RETRY_AFTER, come_back, wait_for


class Followed(Protocol):
    """A thing that ends."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def is_terminal(self) -> bool:
        """Whether it has ended for good."""

    def as_revision(self) -> Revision:
        """What of it changes whenever it does."""


Thing = TypeVar("Thing", bound=Followed)
View = Callable[[Thing], dict[str, Any]]


def unchanged(about: str) -> Answer:
    """What ``openapi.yaml`` says of a thing that is what it was."""
    return Answer(304, about, None, ("ETag", "Retry-After"))


def wait_for_end(thing: Thing, look: Callable[[str], Thing], event: Event | None, seconds: float) -> Thing:
    """The thing as soon as it has ended, or as it is after ``seconds``; without a seat, as it was given."""
    return wait_for(thing, lambda last: look(last.id), lambda last: last.is_terminal, event, seconds)


def answer_accepted(
    collection: str,
    thing: Thing,
    look: Callable[[str], Thing],
    view: View[Thing],
    *,
    wait: int,
    headers: Mapping[str, str],
) -> Response:
    """A thing that was accepted, with its place in the ``collection``; with ``wait`` as soon as it has ended."""
    place = {"Location": f"/v1/{collection}/{thing.id}"}
    return answer_thing(_once_ended(thing, look, wait), view, 202, {**place, **headers})


def _once_ended(thing: Thing, look: Callable[[str], Thing], wait: int) -> Thing:
    """An accepted thing as soon as it has ended; when Redis goes away meanwhile it stays accepted, and is shown."""
    if wait:
        with suppress(Unavailable), house().endings.watching(thing.id) as event:
            return wait_for_end(look(thing.id), look, event, wait)
    return thing


def answer_thing(
    thing: Thing,
    view: View[Thing],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    retry_after: str = RETRY_AFTER,
) -> Response:
    """The thing, with the time after which to ask for it again while it has not ended."""
    retry = {} if thing.is_terminal else {"Retry-After": retry_after}
    return answer(view(thing), status, {**(headers or {}), **retry})


def answer_changed(
    thing_id: str,
    look: Callable[[str], Thing],
    view: View[Thing],
    wait: int,
    glance: Callable[[str], Revision] | None = None,
) -> Response:
    """The thing, with ``wait`` as soon as it has ended, or that it is what the request knows of it.

    ``glance`` finds its revision where that is less work than to ``look``.
    """
    if glance and request.if_none_match and not wait and _known(revision := glance(thing_id)):
        return _unchanged(revision, RETRY_AFTER)
    with house().endings.watching(thing_id) if wait else nullcontext() as event:
        thing = wait_for_end(look(thing_id), look, event, wait)
    revision, again = thing.as_revision(), come_back(event, wait)
    if _known(revision):
        return _unchanged(revision, again)
    return answer_thing(thing, view, headers={"ETag": _tag(revision)}, retry_after=again)


def _tag(revision: Revision) -> str:
    """Weak (RFC 9110, 8.8.1): ``?pretty`` is the same thing in other bytes."""
    return f'W/"{revision.state}.{revision.number}.{revision.queue_position}"'


def _known(revision: Revision) -> bool:
    return request.if_none_match.contains_weak(unquote_etag(_tag(revision))[0])


def _unchanged(revision: Revision, retry_after: str) -> Response:
    retry = {} if revision.state in TERMINAL else {"Retry-After": retry_after}
    return Response(status=304, headers={"ETag": _tag(revision), **retry})
