"""An upload on disk: counted, digested, bounded, and gone when it is no longer needed."""

import hashlib
import os

import pytest

from contract.errors import TooLarge
from service.spool import Spool


def test_bytes_come_back_with_their_size_and_digest(tmp_path):
    """What was written in chunks is read as one file, whatever is read in between."""
    with Spool(tmp_path, 1000) as spool:
        for chunk in (b"a,b\n", b"1,2\n"):
            spool.write(chunk)
        spool.seek(0)
        assert (spool.readline(), spool.read()) == (b"a,b\n", b"1,2\n")
        assert spool.size == 8
        assert spool.sha256() == hashlib.sha256(b"a,b\n1,2\n").hexdigest()


def test_the_limit_itself_is_allowed_and_one_byte_more_is_refused(tmp_path):
    """The refused bytes are not written."""
    with Spool(tmp_path, 10) as spool:
        spool.write(b"0123456789")
        with pytest.raises(TooLarge, match="10 bytes"):
            spool.write(b"x")
        spool.seek(0)
        assert spool.read() == b"0123456789"


def test_nothing_is_left_in_the_folder(tmp_path):
    """The file has no name, so neither a forgotten spool nor a killed process leaves one."""
    spool = Spool(tmp_path, 10)
    spool.write(b"x")
    spool.flush()
    assert os.fstat(spool.fileno()).st_size == 1
    assert list(tmp_path.iterdir()) == []
