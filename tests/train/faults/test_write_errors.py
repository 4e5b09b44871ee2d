"""Errors of writing, from any library, as one sentence."""

from __future__ import annotations

import errno
import os

import pytest

from wallpaint.errors import OutputError

write_errors = pytest.importorskip("wallpaint.train.faults.write_errors")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO])
def test_a_disk_that_takes_no_more_is_one_sentence_with_the_file(tmp_path, code):
    sentence = r"^/some/log: it cannot be written \(.+\)\. Free disk space and run it again\.$"
    with pytest.raises(OutputError, match=sentence), write_errors.disk_faults(tmp_path):
        raise OSError(code, os.strerror(code), "/some/log")


def test_a_fault_without_a_file_names_the_folder(tmp_path):
    with pytest.raises(OutputError, match=f"^{tmp_path}: "), write_errors.disk_faults(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_other_faults_are_left_alone(tmp_path):
    with pytest.raises(ConnectionResetError), write_errors.disk_faults(tmp_path):
        raise ConnectionResetError(errno.ECONNRESET, "reset")


def test_an_output_that_cannot_be_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    write_errors.check_output(tmp_path / "new" / "run")
    assert not (tmp_path / "new").exists()
    for place in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(OutputError, match=r"file is a file, not a folder\. Choose another: --output"):
            write_errors.check_output(place)


def test_an_output_that_may_not_be_written_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(OutputError, match="is not writable"):
        write_errors.check_output(tmp_path / "run")


def test_a_sync_that_loses_contents_raises_and_an_unsupported_one_does_not(tmp_path, monkeypatch):
    file = tmp_path / "weights"
    file.write_bytes(b"1")

    def failing(code):
        def fsync(_):
            raise OSError(code, os.strerror(code))

        return fsync

    for code in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
        monkeypatch.setattr(os, "fsync", failing(code))
        write_errors.sync(file)
    for code in (errno.EIO, errno.ENOSPC):
        monkeypatch.setattr(os, "fsync", failing(code))
        with pytest.raises(OSError, match=os.strerror(code)):
            write_errors.sync(file)
        write_errors.sync(tmp_path)
