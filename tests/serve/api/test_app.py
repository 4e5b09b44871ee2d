import base64
import io
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from wallpaint import Repainter
from wallpaint.color import css_colors, parse_color
from wallpaint.mask.select import LEAST_CONFIDENCE, Layer, layers_archive, read_layers
from wallpaint.metrics import json_text, measure_wall
from wallpaint.serve.api.problem_details import PROBLEM_TYPE

COLOR = "#B9A08C"
CLICK = {"keep": "60,40"}
SHARE, CONFIDENCE = "X-Wallpaint-Wall-Share", "X-Wallpaint-Wall-Confidence"


@pytest.fixture(autouse=True)
def finder(finder_sees, wall_alpha):
    """The server finds the true wall."""
    return finder_sees(wall_alpha > 0.5, 0.83)


def pixels_of(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def metrics_of(answer):
    """What was measured, from a picture's headers."""
    return json.loads(answer.headers["X-Wallpaint-Metrics"])


@pytest.fixture(scope="module")
def painted(room_pixels, wall_mask):
    """What the engine gives without any service."""
    return Repainter().open(room_pixels, wall_mask).paint(COLOR)


@pytest.fixture
def room(api, room_parts):
    """The id of an open room."""
    answer = api.post("/v1/rooms", files=room_parts)
    assert answer.status_code == 201, answer.text
    return answer.json()["room"]


def test_a_painted_picture_is_the_engines_to_the_byte(api, room_parts, painted):
    answer = api.post("/v1/paint", files=room_parts, data={"color": COLOR})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/png"
    assert np.array_equal(pixels_of(answer.content), painted.image)


def test_its_headers_have_its_metrics(api, room_parts, painted):
    answer = api.post("/v1/paint", files=room_parts, data={"color": COLOR})
    assert metrics_of(answer) == json.loads(json_text(painted.metrics))
    assert answer.headers["X-Wallpaint-Reference"] == COLOR.lower()
    delta = float(answer.headers["X-Wallpaint-Delta-E"])
    assert delta == pytest.approx(painted.metrics["delta_e_2000_median"], abs=1e-4)


def test_its_file_has_its_provenance(api, room_parts):
    answer = api.post("/v1/paint", files=room_parts, data={"color": COLOR})
    text = Image.open(io.BytesIO(answer.content)).text
    assert text["wallpaint:engine"] == "albedo"
    assert text["wallpaint:reference"] == COLOR.lower()


def test_who_accepts_json_alone_gets_the_picture_in_it(api, room_parts, painted):
    answer = api.post(
        "/v1/paint", files=room_parts, data={"color": COLOR}, headers={"Accept": "application/json"}
    ).json()
    assert np.array_equal(pixels_of(base64.b64decode(answer["image"])), painted.image)
    assert answer["reference"] == COLOR.lower()
    assert answer["engine"] == {"engine": "albedo"}


def test_edges_and_inverted_masks_are_applied(api, photo, mask, wall_mask, room_pixels):
    inverted = io.BytesIO()
    Image.fromarray(255 - wall_mask).save(inverted, "PNG")
    files = {"image": photo, "mask": inverted.getvalue()}
    answer = api.post("/v1/paint", files=files, data={"color": COLOR, "edges": "hard", "invert_mask": "true"})
    hard = Repainter(edges="hard").open(room_pixels, wall_mask).paint(COLOR)
    assert np.array_equal(pixels_of(answer.content), hard.image)


def test_a_pattern_is_laid_instead_of_a_colour(api, room_parts):
    pattern = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(90, 160, (32, 32, 3), np.uint8)).save(pattern, "PNG")
    answer = api.post("/v1/paint", files={**room_parts, "reference": pattern.getvalue()})
    assert answer.status_code == 200, answer.text
    assert metrics_of(answer)["delta_e_2000_median"] <= 0.5


def test_an_open_room_is_painted_many_times_alike(api, room, room_pixels, wall_mask):
    engine = Repainter().open(room_pixels, wall_mask)
    for color in ("navy", COLOR):
        answer = api.post("/v1/paint", data={"room": room, "color": color})
        assert np.array_equal(pixels_of(answer.content), engine.paint(color).image)


def test_what_was_painted_last_can_be_had_again(api, room):
    painted = api.post("/v1/paint", data={"room": room, "color": COLOR})
    assert api.get(f"/v1/rooms/{room}/painted").content == painted.content
    assert api.get(f"/v1/rooms/{room}/report").json()["metrics"] == metrics_of(painted)


def test_before_it_is_painted_there_is_nothing_to_have(api, room):
    answer = api.get(f"/v1/rooms/{room}/painted")
    assert answer.status_code == 422
    assert "not painted yet" in answer.json()["detail"]


def test_a_rooms_wall_is_the_mask_that_was_sent(api, room, wall_mask):
    stored = Image.open(io.BytesIO(api.get(f"/v1/rooms/{room}/mask").content))
    assert np.array_equal(np.asarray(stored), wall_mask)


def test_an_open_room_has_a_state_and_can_be_closed(api, room, room_pixels):
    state = api.get(f"/v1/rooms/{room}").json()
    assert (state["height"], state["width"]) == room_pixels.shape[:2]
    assert state["has_wall"]
    assert state["bytes"] >= room_pixels.nbytes
    assert api.delete(f"/v1/rooms/{room}").status_code == 204
    assert api.get(f"/v1/rooms/{room}").status_code == 404
    assert api.post("/v1/paint", data={"room": room, "color": COLOR}).status_code == 404


def test_a_palette_has_every_colour_in_order(api, room):
    colors = ["navy", COLOR, "185,160,140"]
    answer = api.post("/v1/palette", data={"room": room, "color": colors, "longest": 64}).json()
    assert [one["color"] for one in answer["colors"]] == [parse_color(color).hex for color in colors]
    assert answer["colors"][0]["name"] == "navy"
    for one in answer["colors"]:
        assert max(Image.open(io.BytesIO(base64.b64decode(one["preview"]))).size) == 64
        assert one["metrics"]["delta_e_2000_median"] <= 0.5


def test_a_palette_comes_as_one_sheet_to_who_accepts_pictures(api, room):
    answer = api.post("/v1/palette", data={"room": room, "color": ["navy", COLOR]}, headers={"Accept": "image/png"})
    assert answer.headers["Content-Type"] == "image/png"
    assert pixels_of(answer.content).ndim == 3


def test_a_click_finds_a_wall_and_the_room_keeps_it(api, photo):
    room = api.post("/v1/rooms", files={"image": photo}).json()["room"]
    assert not api.get(f"/v1/rooms/{room}").json()["has_wall"]
    clicked = api.post("/v1/mask", data={"room": room, **CLICK})
    assert clicked.status_code == 200, clicked.text
    wall = np.asarray(Image.open(io.BytesIO(clicked.content)))
    assert wall[40, 60] == 255
    assert clicked.content == api.get(f"/v1/rooms/{room}/mask").content
    assert api.get(f"/v1/rooms/{room}").json()["wall"]["share"] == pytest.approx((wall > 127).mean())
    painted = api.post("/v1/paint", data={"room": room, "color": COLOR})
    assert painted.status_code == 200
    assert float(painted.headers[SHARE]) == pytest.approx((wall > 127).mean(), abs=1e-4)


def test_bounce_paints_reflected_light(api, room_parts):
    painted = pixels_of(api.post("/v1/paint", files=room_parts, data={"color": "navy", "bounce": "true"}).content)
    photo, mask = room_parts["image"][1], room_parts["mask"][1]
    assert np.array_equal(painted, Repainter(bounce=True).open(photo, mask).paint("navy").image)


def test_several_walls_have_a_colour_each_and_are_had_as_layers(api, photo, room_pixels):
    upper, lower = "0,0 239,0 239,60 0,60", "0,80 239,80 239,140 0,140"
    first = api.post("/v1/rooms", files={"image": photo}).json()["room"]
    api.post("/v1/mask", data={"room": first, "polygon": upper})
    refused = api.post(f"/v1/rooms/{first}/next")
    assert refused.status_code == 422
    assert "not painted yet" in refused.json()["detail"]
    api.post("/v1/paint", data={"room": first, "color": "navy", "edges": "hard"})
    second = api.post(f"/v1/rooms/{first}/next").json()
    assert not second["has_wall"]
    api.post("/v1/mask", data={"room": second["room"], "polygon": lower})
    both = pixels_of(api.post("/v1/paint", data={"room": second["room"], "color": "tan", "edges": "hard"}).content)
    one = pixels_of(api.get(f"/v1/rooms/{first}/painted").content)
    assert np.array_equal(both[:61], one[:61])
    assert np.array_equal(both[61:80], room_pixels[61:80])
    layers = read_layers(api.get(f"/v1/rooms/{second['room']}/layers").content, room_pixels.shape[:2])
    assert [layer.color.hex for layer in layers] == [parse_color("navy").hex, parse_color("tan").hex]
    assert [int(layer.mask.sum()) for layer in layers] == [61 * 240, 61 * 240]


def test_walls_that_were_had_as_layers_are_painted_again(api, photo, room_pixels):
    upper, lower = np.zeros((2, *room_pixels.shape[:2]), np.float32)
    upper[:61], lower[80:141] = 1, 1
    walls = layers_archive([Layer("Upper", upper, parse_color("navy")), Layer("Lower", lower, parse_color("tan"))])
    room = api.post("/v1/rooms", files={"image": photo}).json()["room"]
    loaded = api.post(f"/v1/rooms/{room}/layers", files={"layers": walls}, data={"edges": "hard"})
    assert loaded.status_code == 201, loaded.text
    painted = pixels_of(api.get(f"/v1/rooms/{loaded.json()['room']}/painted").content)
    assert np.array_equal(painted[61:80], room_pixels[61:80])
    for rows, color in ((slice(61), "navy"), (slice(80, 141), "tan")):
        assert tuple(np.median(painted[rows].reshape(-1, 3), axis=0)) == parse_color(color).rgb8
    assert api.get(f"/v1/rooms/{loaded.json()['room']}/layers").content == walls


def test_layers_that_cannot_be_painted_are_refused(api, photo):
    def walls(*colors):
        mask = np.ones((160, 240), np.float32)
        mask[:20] = 0
        return layers_archive([Layer("one", mask, None if color is None else parse_color(color)) for color in colors])

    room = api.post("/v1/rooms", files={"image": photo}).json()["room"]
    for archive, says in (
        (b"PK nothing", "not a complete ZIP archive"),
        (walls(None, "tan"), "'one' has no colour"),
        (walls(*["tan"] * 13), "1 to 12 walls"),
    ):
        answer = api.post(f"/v1/rooms/{room}/layers", files={"layers": archive})
        assert answer.status_code == 422
        assert says in answer.json()["detail"]


def test_polygons_are_wall_and_cut_out_of_it_whatever_they_show(api, photo):
    areas = {"polygon": "10,20 100,20 100,90 10,90", "cut": "40,40 60,40 60,60 40,60"}
    wall = pixels_of(api.post("/v1/mask", files={"image": photo}, data=areas).content)[..., 0]
    expected = np.zeros_like(wall)
    expected[20:91, 10:101] = 255
    expected[40:61, 40:61] = 0
    assert np.array_equal(wall, expected)


def test_without_marks_all_walls_are_found(api, photo, wall_mask):
    answer = api.post("/v1/mask", files={"image": photo})
    found = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert (found != wall_mask).mean() < 0.02
    assert float(answer.headers[SHARE]) == pytest.approx((found > 127).mean(), abs=1e-4)
    assert float(answer.headers[CONFIDENCE]) == pytest.approx(0.83)
    as_json = api.post("/v1/mask", files={"image": photo}, headers={"Accept": "application/json"}).json()
    assert base64.b64decode(as_json["mask"]) == answer.content
    assert as_json["wall"]["confidence"] == pytest.approx(0.83)


@pytest.mark.parametrize("path", ["/v1/paint", "/v1/palette"])
def test_a_photo_without_a_mask_is_painted_where_the_wall_is_found(api, photo, path):
    answer = api.post(path, files={"image": photo}, data={"color": COLOR}, headers={"Accept": "image/png"})
    assert answer.status_code == 200, answer.text
    assert float(answer.headers[CONFIDENCE]) == pytest.approx(0.83)
    as_json = api.post(path, files={"image": photo}, data={"color": COLOR}, headers={"Accept": "application/json"})
    assert as_json.json()["wall"]["share"] == pytest.approx(float(answer.headers[SHARE]), abs=1e-4)


def test_a_mask_that_was_sent_has_no_confidence(api, room_parts):
    answer = api.post("/v1/paint", files=room_parts, data={"color": COLOR})
    assert CONFIDENCE not in answer.headers


@pytest.mark.parametrize("path", ["/v1/paint", "/v1/palette"])
@pytest.mark.parametrize("confidence", [0.0, LEAST_CONFIDENCE - 0.02])
def test_a_wall_that_is_not_certain_is_not_painted(api, photo, path, confidence, finder_sees, wall_alpha):
    finder_sees(wall_alpha > 0.5, confidence)
    answer = api.post(path, files={"image": photo}, data={"color": COLOR})
    assert answer.status_code == 422
    assert f"confidence {confidence:.2f}" in answer.json()["detail"]
    assert "keep=x,y" in answer.json()["detail"]
    clicked = api.post(path, files={"image": photo}, data={"color": COLOR, **CLICK})
    assert clicked.status_code == 200, clicked.text


def test_an_uncertain_wall_can_be_had_as_a_mask(api, photo, finder_sees, wall_alpha):
    finder_sees(wall_alpha > 0.5, 0.56)
    answer = api.post("/v1/mask", files={"image": photo})
    assert answer.status_code == 200
    assert float(answer.headers[CONFIDENCE]) == pytest.approx(0.56)


def test_marks_correct_a_mask_that_is_sent_with_them(api, room_parts, wall_mask):
    marks = {"drop": CLICK["keep"], "polygon": "0,140 20,140 20,155 0,155"}
    corrected = pixels_of(api.post("/v1/mask", files=room_parts, data=marks).content)[..., 0]
    assert (wall_mask[40, 60], corrected[40, 60]) == (255, 0)
    assert (wall_mask[150, 10], corrected[150, 10]) == (0, 255)


def test_without_a_keeping_point_what_is_dropped_is_taken_off_all_walls(api, photo, finder_sees, wall_alpha):
    finder_sees(np.ones_like(wall_alpha, bool))
    found = pixels_of(api.post("/v1/mask", files={"image": photo}, data={"drop": "60,150"}).content)[..., 0]
    assert (found[40, 60], found[150, 60]) == (255, 0)


def test_plane_is_passed_on_to_the_finder(api, photo, finder):
    assert api.post("/v1/mask", files={"image": photo}, data={**CLICK, "plane": "true"}).status_code == 200
    assert finder.planes == [True]
    refused = api.post("/v1/mask", files={"image": photo}, data={"plane": "true"})
    assert refused.status_code == 422
    assert "keep=x,y" in refused.json()["detail"]


def test_a_selection_without_a_wall_is_refused(api, photo, finder_sees):
    finder_sees(None)
    for shown in ({}, {"cut": "40,40 60,40 60,60"}):
        answer = api.post("/v1/mask", files={"image": photo}, data=shown)
        assert answer.status_code == 422
        assert "no wall was found" in answer.json()["detail"]


@pytest.mark.parametrize("corners", ["1,2", "1,2 3,4", "a,b c,d e,f", "nan,1 2,2 3,3", "1e9,1 2,2 3,3", "1 2 3"])
def test_polygons_that_are_none_are_refused(api, photo, corners):
    assert api.post("/v1/mask", files={"image": photo}, data={"polygon": corners}).status_code == 422


def test_too_many_points_are_refused(api, photo):
    answer = api.post("/v1/mask", files={"image": photo}, data={"polygon": "1,2 " * 201})
    assert answer.status_code == 422
    assert "201 clicks and corners are too many" in answer.json()["detail"]


@pytest.mark.parametrize("point", ["5000,5", "-1,5", "1", "a,b", "1,2,3", "nan,1", "1e999,1"])
def test_points_that_are_none_are_refused(api, photo, point):
    answer = api.post("/v1/mask", files={"image": photo}, data={"keep": point})
    assert answer.status_code == 422


def test_measuring_a_picture_gives_the_metrics_of_painting_it(api, room_parts, photo, mask, wall_mask):
    painted = api.post("/v1/paint", files=room_parts, data={"color": COLOR})
    files = {"image": painted.content, "mask": mask, "source": photo}
    measured = api.post("/v1/measure", files=files, data={"color": COLOR}).json()["metrics"]
    assert measured["delta_e_2000_median"] == metrics_of(painted)["delta_e_2000_median"]
    assert measured["outside_max_change"] == 0
    by_hand = measure_wall(parse_color(COLOR), pixels_of(painted.content), wall_mask > 127)
    assert measured["lab_distance"] == pytest.approx(by_hand["lab_distance"])


def test_a_source_of_another_size_is_refused(api, photo, mask):
    small = io.BytesIO()
    Image.new("RGB", (12, 10)).save(small, "PNG")
    answer = api.post(
        "/v1/measure", files={"image": photo, "mask": mask, "source": small.getvalue()}, data={"color": COLOR}
    )
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("source: has 12 × 10 pixels")


def test_colours_are_found_by_name_and_by_nearness(api):
    greens = api.get("/v1/colors", params={"words": "sea green"}).json()["colors"]
    assert [color["name"] for color in greens] == [color.name for color in css_colors().search("sea green")]
    near = api.get("/v1/colors", params={"near": "#d2b48c", "count": 2}).json()["colors"]
    assert near[0]["name"] == "tan"
    assert near[0]["delta_e_2000"] == 0
    assert len(near) == 2


def test_it_is_watched_by_prometheus(api, room):
    api.post("/v1/paint", data={"room": room, "color": COLOR})
    text = api.get("/metrics").text
    assert 'wallpaint_requests_total{method="POST",path="/v1/paint",status="200"}' in text
    assert "wallpaint_rooms_bytes" in text
    assert room not in text


def test_openapi_has_every_route_with_its_problems(api):
    paths = api.get("/openapi.json").json()["paths"]
    for path in ("/v1/paint", "/v1/palette", "/v1/mask", "/v1/measure", "/v1/rooms"):
        assert PROBLEM_TYPE in paths[path]["post"]["responses"]["422"]["content"]
    assert "image/png" in paths["/v1/paint"]["post"]["responses"]["200"]["content"]


def test_the_address_alone_leads_to_the_page(api):
    answer = api.get("/")
    assert answer.status_code == 307
    assert answer.headers["Location"] == "/ui/"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "say what to paint with"),
        ({"color": "nope"}, "'nope' is not a colour"),
        ({"color": COLOR, "engine": "magic"}, "there is no engine 'magic' here"),
        ({"color": COLOR, "edges": "soft"}, "edges: "),
        ({"color": COLOR, "steps": "0"}, "steps: "),
        ({"color": COLOR, "seed": "x"}, "seed: "),
        ({"color": COLOR, "room": "x"}, "say which room"),
    ],
)
def test_what_cannot_be_is_answered_with_its_cure(api, room_parts, data, says):
    answer = api.post("/v1/paint", files=room_parts, data=data)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == PROBLEM_TYPE
    assert says in answer.json()["detail"]


def bomb():
    """A PNG of 30,000 × 30,000 pixels in some bytes."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))


HOSTILE = {
    "a bomb": (bomb(), 413),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', 415),
    "a web page": (b"<!doctype html><script>alert(1)</script>", 415),
    "nothing": (b"", 415),
    "a path": (b"/etc/passwd", 415),
    "a PDF": (b"%PDF-1.7\n", 415),
    "a torn PNG": (bomb()[:40], 415),
    "noise": (bytes(np.random.default_rng(0).integers(0, 256, 5000, np.uint8)), 415),
}


@pytest.mark.parametrize("part", ["image", "mask", "reference"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_picture_is_refused_by_the_name_of_its_part(api, room_parts, kind, part):
    content, status = HOSTILE[kind]
    data = {} if part == "reference" else {"color": COLOR}
    answer = api.post("/v1/paint", files={**room_parts, part: ("innocent.png", content, "image/png")}, data=data)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(f"{part}: ")


def test_a_path_as_text_is_no_picture(api, mask):
    answer = api.post("/v1/paint", files={"mask": mask}, data={"image": "/etc/passwd", "color": COLOR})
    assert answer.status_code == 422
    assert "root:" not in answer.text


def test_ten_thousand_parts_are_refused(api):
    many = {f"part{number}": "x" for number in range(10_000)}
    assert api.post("/v1/paint", data=many, files={"image": b"x"}).status_code == 400
    assert api.post("/v1/paint", files=dict.fromkeys(many, b"x")).status_code == 400


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data", "image/png"])
def test_a_body_that_is_no_form_is_refused(api, content_type):
    answer = api.post("/v1/paint", content=b'{"image": "x"}', headers={"Content-Type": content_type})
    assert 400 <= answer.status_code < 500


def test_the_page_hands_out_no_file_of_the_server(api):
    assert api.get("/ui/gradio_api/file=/etc/passwd").status_code in (403, 404)
    assert "root:" not in api.get("/ui/gradio_api/file=../../../../etc/passwd").text
