"""An upload on its way to a dataset: body (``service/body.py``) to spool, gzip file to CSV, CSV to dataset file.

Up to ``THALWEG_PARSES`` uploads are parsed at a time. Whatever goes wrong, no file is left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from flask import request

from contract.dataset import Dataset
from contract.dataset_file import path_of, remove
from contract.errors import BadRequest, StorageFull, Unavailable, Unprocessable
from contract.job import new_id
from service.body import CHUNK, pieces
from service.csv_options import CsvLimits, CsvOptions
from service.csv_reader import read_csv
from service.form import FILE, read_form
from service.gunzip import MAGIC, gunzip
from service.house import house
from service.option_texts import OPTIONS, csv_options
from service.spool import Spool


class Upload(NamedTuple):
    """A CSV on its way to a dataset: the spooled file, its options, and the settings' text where there is one."""

    spool: Spool
    options: CsvOptions
    settings: bytes | None

    def asked(self) -> dict[str, Any]:
        """What the file and its options say, as JSON."""
        options = {name: given for name, given in self.options._asdict().items() if name != "expect"}
        options["types"] = dict(self.options.types)
        return {"file": self.spool.sha256(), "options": options}


@contextmanager
def uploaded_form(*, with_settings: bool) -> Iterator[Upload]:
    """The upload in this request's multipart body; its file is gone after the block.

    Raises ``BadRequest`` and ``Unprocessable`` for parts that are not as they should be.
    """
    known = (FILE, *OPTIONS, *(["settings"] if with_settings else []))
    boundary = request.mimetype_params.get("boundary", "")
    with _spool() as spool:
        form = read_form(boundary, pieces(request, spool.limit), known, spool)
        if form.file_name is None:
            detail = "The CSV is missing: send it as part 'file' (curl -F file=@data.csv)."
            raise Unprocessable(detail, "missing_file")
        fields = {name: text for name, text in form.fields.items() if name != "settings"}
        options = csv_options({"name": form.file_name, **{name: _text(name, text) for name, text in fields.items()}})
        yield Upload(spool, options, form.fields.get("settings"))


@contextmanager
def uploaded_csv(options: CsvOptions) -> Iterator[Upload]:
    """The upload whose CSV is this request's body; its file is gone after the block."""
    with _spool() as spool:
        for piece in pieces(request, spool.limit):
            spool.write(piece)
        yield Upload(spool, options, None)


def _text(name: str, field: bytes) -> str:
    try:
        return field.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The part {name!r} is not UTF-8 (byte {error.start}).", "malformed_multipart") from None


@contextmanager
def dataset_from(upload: Upload, *, kept: bool = True) -> Iterator[Dataset]:
    """The uploaded CSV as a dataset file, which is removed again if the block refuses it; a ``.csv.gz`` is inflated.

    The block does no more than to write the record, or nothing at all where the file is not to be ``kept``. Where
    Redis did not answer, nobody knows whether the record was written, so the file stays.
    """
    dataset = _written(upload, new_id("ds"))
    try:
        yield dataset
    except BaseException as error:
        kept = kept and isinstance(error, Unavailable) and not isinstance(error, StorageFull)
        raise
    finally:
        if not kept:
            remove(house().config.datasets_dir, dataset.id)


def _written(upload: Upload, dataset_id: str) -> Dataset:
    config, options = house().config, upload.options
    with house().parsing, _plain(upload.spool) as csv:
        parsed = read_csv(csv, options, CsvLimits.of(config), path_of(config.datasets_dir, dataset_id))
        return Dataset(
            id=dataset_id,
            name=options.name,
            rows=parsed.rows,
            bytes=csv.size,
            sha256=csv.sha256(),
            dialect=parsed.dialect,
            columns=parsed.columns,
            warnings=parsed.warnings,
        )


@contextmanager
def _plain(spool: Spool) -> Iterator[Spool]:
    """The CSV itself: a gzip file is known by its first bytes and inflated, once, under the limit of every upload."""
    spool.seek(0)
    if spool.read(len(MAGIC)) != MAGIC:
        yield spool
        return
    spool.seek(0)
    with _spool() as inflated:
        for piece in gunzip(iter(partial(spool.read, CHUNK), b"")):
            inflated.write(piece)
        yield inflated


def _spool() -> Spool:
    return Spool(house().config.datasets_dir, house().config.max_body)
