"""The fitted model of a job: as JSON, as a program, as SQL."""

from typing import Any

import orjson
from flask import Response
from orjson import Fragment

from contract.errors import BadRequest
from contract.model import unpack_model
from service.documented import Answer, documented
from service.export_python import python_of
from service.export_sql import sql_of
from service.fitted import usable
from service.house import house
from service.routing import Routes, answer
from service.schemas import ModelQuery
from service.schemas_model import PYTHON, SQL, FittedModelSchema

routes = Routes("models", __name__, description="Fitted models.")

DEFAULT_TABLE = "data"


@routes.route("/v1/jobs/<job_id>/model", methods=["GET"])
@documented(
    Answer(200, "The model.", FittedModelSchema),
    Answer(200, "The model.", PYTHON, ("Content-Disposition",), media="text/x-python"),
    Answer(200, "The model.", SQL, ("Content-Disposition",), media="application/sql"),
    errors=(404, 409, 422),
)
@routes.arguments(ModelQuery, location="query")
def show_model(query: dict[str, Any], job_id: str) -> Response:
    """The fitted model with all parameters and its preparation: as JSON, as a Python program, or as SQL."""
    given = [name for name in ("table", "key") if query[name] is not None]
    if given and query["format"] != "sql":
        raise BadRequest(f"The argument {given[0]!r} goes with format=sql only.", "invalid_parameter")
    if query["format"] != "json":
        usable(house().store, job_id)
    text = unpack_model(house().store.model(job_id))
    if query["format"] == "python":
        program = python_of(house().store.job(job_id), orjson.loads(text))
        return _file(program, "text/x-python; charset=utf-8", f"{job_id}.py")
    if query["format"] == "sql":
        select = sql_of(orjson.loads(text), query["table"] or DEFAULT_TABLE, query["key"])
        return _file(select, "application/sql; charset=utf-8", f"{job_id}.sql")
    return answer(Fragment(text))


def _file(text: str, media: str, name: str) -> Response:
    return Response(text, content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
