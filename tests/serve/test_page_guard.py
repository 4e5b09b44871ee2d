"""The mounted page gives and takes no file that it did not make: real requests to a real server."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from wallpaint.serve.page.blobs import BoundedEditor

SECRET = b"nobody may read this"
SESSION = "guarded"


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """A file of the server's machine, beside the project and not in any folder of the page."""
    path = tmp_path_factory.mktemp("server") / "secret.png"
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path)
    return path


@pytest.fixture(scope="module")
def config(api):
    return api.get("/ui/config").json()


def file_data(path, **more):
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}, **more}


def of_file_input(config, name):
    """An event whose inputs hold the file of a control, and the place of the file among them."""
    component = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == name)
    event = next(d for d in config["dependencies"] if component in d["inputs"])
    return event["id"], event["inputs"].index(component), len(event["inputs"])


def join(api, config, name, value):
    fn, place, count = of_file_input(config, name)
    data = [None] * count
    data[place] = value
    return api.post("/ui/gradio_api/queue/join", json={"fn_index": fn, "data": data, "session_hash": SESSION})


@pytest.mark.parametrize("way", ["queue/join", "run/predict"])
def test_an_event_reads_no_file_with_or_without_a_queue(api, config, secret, way):
    fn, _, count = of_file_input(config, "dropzone")
    data = [file_data(secret)] * count
    answer = api.post(f"/ui/gradio_api/{way}", json={"fn_index": fn, "data": data, "session_hash": SESSION})
    assert answer.status_code == 403


def test_an_event_without_a_queue_is_answered(api, config):
    event = next(d for d in config["dependencies"] if not d["queue"] and len(d["inputs"]) == 1 and d["outputs"])
    asked = {"fn_index": event["id"], "data": [None], "session_hash": SESSION}
    assert api.post("/ui/gradio_api/run/predict", json=asked).status_code in (200, 500)  # never closed by the guard


@pytest.mark.parametrize("name", ["dropzone", "mask", "other"])
def test_no_event_reads_a_file_of_the_server(api, config, secret, name):
    answer = join(api, config, name, file_data(secret))
    assert answer.status_code == 403
    assert "not a file of this page" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "etc/passwd", "", ".", "../../etc/passwd", "/proc/self/environ", "http://127.0.0.1/x",
     "https://example.org/x.png", "file:///etc/passwd", "/etc/passwd\0.png", 5, ["/etc/passwd"], {"a": 1}],
)  # fmt: skip
def test_whatever_stands_for_a_path_is_refused(api, config, path):
    answer = join(api, config, "dropzone", {"path": path, "meta": {"_type": "gradio.FileData"}})
    assert answer.status_code == 403


@pytest.mark.parametrize("where", ["event_data", "deep", "background"])
def test_paths_are_found_wherever_they_are(api, config, secret, where):
    fn, _, count = of_file_input(config, "dropzone")
    event = {"fn_index": fn, "data": [None] * count, "session_hash": SESSION}
    if where == "event_data":
        event["event_data"] = file_data(secret)
    elif where == "deep":
        event["data"][0] = [{"a": [[file_data(secret)]]}]
    else:
        event["data"][0] = {"background": file_data(secret), "layers": [], "composite": None}
    assert api.post("/ui/gradio_api/queue/join", json=event).status_code == 403


def test_a_link_or_a_way_out_of_the_pages_folder_is_refused(api, config, secret):
    uploaded = upload(api)
    assert join(api, config, "dropzone", file_data(f"{uploaded}/../../../../..{secret}")).status_code == 403
    assert api.get(f"/ui/gradio_api/file={uploaded}/../../../../..{secret}").status_code in (403, 404)


@pytest.mark.parametrize("form", ["{}", "/{}", "%2F{}", "./{}", "{}/../{}"])
def test_no_file_of_the_server_is_served(api, secret, form):
    for path in (secret, "/etc/passwd", __file__):
        asked = form.replace("{}", str(path))
        answer = api.get(f"/ui/gradio_api/file={asked}")
        assert answer.status_code in (403, 404)
        assert b"root:" not in answer.content


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ui/gradio_api/file=http://127.0.0.1:9/"),
        ("GET", "/ui/gradio_api/proxy=http://127.0.0.1:9/"),
        ("GET", "/ui/gradio_api/file//etc/passwd"),
        ("GET", "/ui/gradio_api/stream/a/b/1/playlist-file"),
        ("GET", "/ui/gradio_api/custom_component/a/client/b/c"),
        ("GET", "/ui/assets/../../../../../../etc/passwd"),
        ("GET", "/ui/static/..%2f..%2f..%2f..%2fetc%2fpasswd"),
        ("GET", "/ui/monitoring"),
        ("POST", "/ui/gradio_api/run/load"),
        ("POST", "/ui/gradio_api/api/load"),
        ("POST", "/ui/gradio_api/call/load"),
        ("POST", "/ui/gradio_api/call/v2/load"),
        ("POST", "/ui/gradio_api/stream/1"),
        ("POST", "/ui/gradio_api/process_recording"),
        ("POST", "/ui/gradio_api/vibe-edit"),
        ("POST", "/ui/gradio_api/component_server"),
        ("POST", "/ui/login"),
        ("PUT", "/ui/gradio_api/queue/join"),
    ],
)
def test_routes_that_the_page_does_not_use_are_closed(api, secret, method, path):
    body = {"data": [file_data(secret)], "session_hash": SESSION, "fn_name": "accept_blobs", "component_id": 1}
    assert api.request(method, path, json=None if method == "GET" else body).status_code in (403, 404)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b'{"data": "' + b"a" * 2_000_000 + b'"}'])
def test_an_event_that_is_no_event_is_refused(api, body):
    answer = api.post("/ui/gradio_api/queue/join", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 413)


def upload(api):
    picture = io.BytesIO()
    Image.effect_noise((64, 48), 40).convert("RGB").save(picture, "PNG")
    answer = api.post("/ui/gradio_api/upload", files={"files": ("room.png", picture.getvalue())})
    assert answer.status_code == 200
    return answer.json()[0]


def test_a_picture_that_was_uploaded_is_opened_and_its_preview_served(api, config):
    path = upload(api)
    assert api.get(f"/ui/gradio_api/file={path}").status_code == 200
    answer = join(api, config, "dropzone", file_data(path, orig_name="room.png"))
    assert answer.status_code == 200
    preview = None
    with api.stream("GET", "/ui/gradio_api/queue/data", params={"session_hash": SESSION}) as lines:
        for line in lines.iter_lines():
            if found := re.search(r'"path": ?"([^"]+\.png)"', line):
                preview = found[1]
            if "process_completed" in line or "close_stream" in line:
                assert json.loads(line.removeprefix("data: ")).get("success", True), line
                break
    assert preview is not None
    assert api.get(f"/ui/gradio_api/file={preview}").headers["content-type"] == "image/png"


def blob(api, editor, index, id="a", size=10):
    return api.post(
        "/ui/gradio_api/component_server",
        data={"component_id": editor, "session_hash": SESSION, "fn_name": "accept_blobs", "type": "layer",
              "index": index, "id": id},
        files={"file": ("blob", b"x" * size)},
    )  # fmt: skip


def test_an_editors_layers_are_counted(api, config):
    editor = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "editor")
    assert blob(api, editor, "0").status_code == 200
    for index in ("8", "100000", "-1", "x"):
        assert blob(api, editor, index).status_code == 422


def test_what_an_editor_sent_long_ago_is_dropped(monkeypatch):
    monkeypatch.setattr("wallpaint.serve.page.blobs._BYTES", 250)
    monkeypatch.setattr("wallpaint.serve.page.blobs._sent", {})
    editor, copy = BoundedEditor(), BoundedEditor()
    for id in "abcd":
        sent = {"type": "background", "index": None, "id": id}
        editor.accept_blobs(type("Sent", (), {"data": sent, "files": [("blob", b"x" * 100)]}))
    assert list(copy.blob_storage) == ["c", "d"]


def test_the_page_config_names_the_function_for_drawings(config):
    editor = next(c for c in config["components"] if c["props"].get("elem_id") == "editor")
    assert editor["type"] == "imageeditor"
    assert editor["props"]["server_fns"] == ["accept_blobs"]
