"""Command lines that people type by mistake, or with files of odd names: each ends in a picture or in one line.

`bad_inputs` has the files of one photo, mask or output; here are whole commands. A line's words stand for themselves,
but for PHOTO and MASK, a good photo and its good mask, and OUT, where a result goes.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bad_inputs import HEIGHT, WIDTH, encoded, png, room_pixels, wall_mask
from PIL import Image

Words = list[str | Path]
Make = Callable[[Path], Words]


@dataclass(frozen=True)
class Command:
    """A command line.

    Attributes
    ----------
    make : callable
        Writes what it needs into a folder and returns the words after ``wallpaint``.
    says : str
        A piece of the one line it ends in; where it paints, of a note, or nothing.
    paints : str
        Where it paints: "the same" picture as plain names give, "another" one that has the colour; "" if it must fail.
    """

    make: Make
    says: str = ""
    paints: str = ""


def paint(*more: str | Path, photo: str | Path = "PHOTO", mask: str | Path = "MASK", color: str = "#7A9E7E") -> Words:
    """The words of a good ``paint``, but for what is given."""
    return ["paint", photo, "--mask", mask, "--color", color, "--edges", "hard", "--output", "OUT", *more]


def filled(words: Words, folder: Path) -> list[str]:
    """The words with good files in their places, which are written."""
    files = {"PHOTO": folder / "room.png", "MASK": folder / "wall.png", "OUT": folder / "painted.png"}
    Image.fromarray(room_pixels()).save(files["PHOTO"])
    Image.fromarray(wall_mask()).save(files["MASK"])
    return [os.fspath(files.get(str(word), word)) for word in words]


_PHOTO = encoded(Image.fromarray(room_pixels()), "PNG")
_MASK = encoded(Image.fromarray(wall_mask()), "PNG")


def _file(folder: Path, name: str | bytes, content: bytes) -> str:
    path = os.path.join(os.fsencode(folder), name) if isinstance(name, bytes) else folder / name
    Path(os.fsdecode(path)).parent.mkdir(parents=True, exist_ok=True)
    Path(os.fsdecode(path)).write_bytes(content)
    return os.fsdecode(path)


# --- names ----------------------------------------------------------------------------------------------------------

NAMES: dict[str, str | bytes] = {
    "brackets": "room[bold red].png",
    "closing markup in a folder": "b[/]x/room[/].png",
    "markup that would be eaten": "White [matt].png",
    "emoji code": ":warning: room.png",
    "emoji": "Wohnzimmer 🛋 部屋 äöü.png",
    "line break": "a\nb.png",
    "escape sequence": "red\x1b[31m\x07.png",
    "bytes that are no text": b"caf\xe9\xff.png",
    "255 bytes": "x" * 251 + ".png",
    "255 bytes of three each": "部" * 83 + "xx.png",
    "spaces at both ends": " room .png",
    "quotes": 'it\'s "mine".png',
    "format codes": "100%s {0} $HOME.png",
    "right to left": "room\u202egnp.png",
    "hidden": ".room.png",
    "no extension": "room-without",
    "wrong extension": "room.txt",
    "wildcards": "room*?.png",
}


def _named_photo(name: str | bytes) -> Make:
    return lambda folder: paint(photo=_file(folder, name, _PHOTO))


def _default_output(name: str | bytes) -> Make:
    def make(folder: Path) -> Words:
        words = paint(photo=_file(folder, name, _PHOTO))
        return words[: words.index("--output")]

    return make


def _dash(folder: Path) -> Words:
    os.chdir(folder)
    _file(folder, "-room.png", _PHOTO)
    return [*(word for word in paint() if word != "PHOTO"), "--", "-room.png"]


# --- pipes and devices ----------------------------------------------------------------------------------------------


def _pipe(content: bytes) -> str:
    """A path through which this content comes, as the shell's ``<(…)`` makes them."""
    end, start = os.pipe()

    def feed() -> None:
        with os.fdopen(start, "wb") as file, _ignore_broken_pipe():
            file.write(content)

    threading.Thread(target=feed, daemon=True).start()
    return f"/dev/fd/{end}"


class _ignore_broken_pipe:  # noqa: N801 - a context, read as a phrase
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        return isinstance(error, BrokenPipeError)


def _fifo(folder: Path) -> Words:
    path = folder / "fifo.png"
    os.mkfifo(path)
    threading.Thread(target=lambda: path.write_bytes(_PHOTO), daemon=True).start()
    return paint(photo=path)


# --- outputs --------------------------------------------------------------------------------------------------------


def _link(target: str) -> Make:
    def make(folder: Path) -> Words:
        (folder / "link.png").symlink_to(folder / target)
        return [*paint()[:-1], folder / "link.png"]

    return make


def _hard_link_to_mask(folder: Path) -> Words:
    filled(paint(), folder)
    os.link(folder / "wall.png", folder / "hard.png")
    return paint("-o", folder / "hard.png")


def _folder_named(name: str) -> Make:
    def make(folder: Path) -> Words:
        (folder / name).mkdir()
        return paint("-o", folder / name)

    return make


def _below_a_file(*words: str) -> Make:
    """A result's folder is to be made where a file is."""
    return lambda folder: [*words, _file(folder, "notes", b"a file")]


# --- pictures of odd kinds ------------------------------------------------------------------------------------------


def _photo_as(name: str, kind: str, mode: str = "RGB", **options: object) -> Make:
    image = Image.fromarray(room_pixels()).convert(mode)
    return lambda folder: paint(photo=_file(folder, name, encoded(image, kind, **options)))


def _photo_of(name: str, content: bytes) -> Make:
    return lambda folder: paint(photo=_file(folder, name, content))


def _mask_of(name: str, content: bytes) -> Make:
    return lambda folder: paint(mask=_file(folder, name, content))


def _tiny(width: int, height: int) -> Make:
    def make(folder: Path) -> Words:
        pixels = np.full((height, width, 3), 128, np.uint8)
        mask = np.zeros((height, width), np.uint8)
        mask.flat[0] = 255
        photo = _file(folder, "tiny.png", encoded(Image.fromarray(pixels), "PNG"))
        return paint(photo=photo, mask=_file(folder, "one.png", encoded(Image.fromarray(mask), "PNG")))

    return make


def _cut(kind: str, share: float = 0.6) -> bytes:
    content = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)), kind)
    return content[: int(len(content) * share)]


def _bad_crc() -> bytes:
    content = bytearray(_PHOTO)
    content[content.index(b"IDAT") + 20] ^= 0xFF
    return bytes(content)


def _deep_exif() -> bytes:
    return encoded(Image.fromarray(room_pixels()), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 200)


def _colorful() -> np.ndarray:
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH] * 2
    return np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)


def _npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, room_pixels())
    return buffer.getvalue()


# --- walls.zip ------------------------------------------------------------------------------------------------------


def _archive(index: object, **files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        if index is not None:
            archive.writestr("layers.json", index if isinstance(index, str | bytes) else json.dumps(index))
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def _damaged_archive() -> bytes:
    content = bytearray(_archive(_layers(name="north" * 50)))
    start = content.index(b"layers.json") + len(b"layers.json")
    content[start : start + 12] = b"\x07" * 12
    return bytes(content)


def _layers(**changes: object) -> dict[str, object]:
    return {"layers": [{"name": "north", "color": "#b9a08c", "mask": "north.png", **changes}]}


def _walls(content: bytes) -> Make:
    return lambda folder: ["walls", "PHOTO", _file(folder, "walls.zip", content), "-o", "OUT"]


# --- catalogues, configurations, weights ----------------------------------------------------------------------------


def _catalog(content: bytes) -> Make:
    return lambda folder: ["colors", "fog", "--catalog", _file(folder, "paints.csv", content)]


def _config(content: bytes) -> Make:
    return lambda folder: ["train", "--print-config", "--config", _file(folder, "mine.yaml", content)]


def _bomb_yaml() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    return "\n".join(lines).encode()


def _weights(name: str, content: bytes) -> Make:
    return lambda folder: ["models", "check", _file(folder, name, content)]


def _words(*words: str) -> Make:
    return lambda folder: list(words)


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("this-was-run",)


COMMANDS: dict[str, Command] = {
    **{f"photo named with {what}": Command(_named_photo(name), paints="the same") for what, name in NAMES.items()},
    **{
        f"output beside a photo named with {what}": Command(_default_output(NAMES[what]), paints="the same")
        for what in ("brackets", "closing markup in a folder", "line break", "255 bytes", "255 bytes of three each")
    },
    **{
        f"missing photo named with {what}": Command(
            lambda folder, name=name: paint(photo=folder / name), "no such file"
        )
        for what, name in NAMES.items()
        if isinstance(name, str) and what in ("brackets", "closing markup in a folder", "line break", "escape sequence")
    },
    "photo named with a dash": Command(_dash, paints="the same"),
    "dash without --": Command(_words("paint", "-room.png", "-m", "MASK", "-c", "red"), "after --"),
    "photo named too long": Command(lambda folder: paint(photo=folder / ("x" * 300 + ".png")), "too long"),
    "mask named too long": Command(lambda folder: paint(mask=folder / ("x" * 300 + ".png")), "too long"),
    "path too long": Command(lambda folder: paint(photo="x/" * 3000 + "a.png"), "too long"),
    "output named too long": Command(lambda folder: paint("-o", folder / ("x" * 300 + ".png")), "too long"),
    "sidecar named too long": Command(lambda folder: paint("-o", folder / ("y" * 250 + ".webp")), "too long"),
    "compare named too long": Command(lambda folder: paint("--compare", folder / ("y" * 252 + ".png")), "too long"),
    "photo is .": Command(_words("paint", ".", "-m", "MASK", "-c", "red"), "a folder"),
    "photo is ..": Command(_words("paint", "..", "-m", "MASK", "-c", "red"), "a folder"),
    "photo is /": Command(_words("paint", "/", "-m", "MASK", "-c", "red"), "a folder"),
    "photo is empty": Command(_words("paint", "", "-m", "MASK", "-c", "red"), "a folder"),
    "mask is a folder": Command(lambda folder: paint(mask=folder), "a folder"),
    "photo is a link to itself": Command(lambda folder: _looped(folder), "Mend the symbolic links"),
    # pipes and devices
    "photo through a pipe": Command(lambda folder: paint(photo=_pipe(_PHOTO)), paints="the same"),
    "mask through a pipe": Command(lambda folder: paint(mask=_pipe(_MASK)), paints="the same"),
    "photo through a named pipe": Command(_fifo, paints="the same"),
    "photo and mask through pipes": Command(
        lambda folder: paint(photo=_pipe(_PHOTO), mask=_pipe(_MASK)), paints="the same"
    ),
    "walls through a pipe": Command(
        lambda folder: ["walls", "PHOTO", _pipe(_archive(_layers(), north__png=_MASK)), "-o", "OUT"], paints="another"
    ),
    "pipe without --output": Command(
        lambda folder: ["paint", _pipe(_PHOTO), "-m", "MASK", "-c", "red"], "add --output NAME"
    ),
    "pipe with nothing in it": Command(lambda folder: paint(photo=_pipe(b"")), "0 bytes"),
    "pipe with text": Command(lambda folder: paint(photo=_pipe(b"no such file\n")), "this is text"),
    "pipe that is cut": Command(lambda folder: paint(photo=_pipe(_PHOTO[:300])), "truncated"),
    "pipe without an end": Command(lambda folder: paint(photo=_pipe(b"y\n" * (1 << 20))), "this pipe delivers"),
    "photo is /dev/null": Command(lambda folder: paint(photo="/dev/null"), "0 bytes"),
    "photo is /dev/zero": Command(lambda folder: paint(photo="/dev/zero"), "this pipe delivers"),
    "output is /dev/full": Command(_link("../../../../../../../../../dev/full"), "a device"),
    "output is a pipe": Command(lambda folder: _output_fifo(folder), "a pipe"),
    # outputs
    "output is a link": Command(_link("elsewhere.png"), paints="the same"),
    "output is a link that leads to itself": Command(_link("link.png"), "symbolic links"),
    "output is a link to the mask": Command(_link("wall.png"), "would be overwritten"),
    "output is a hard link to the mask": Command(_hard_link_to_mask, "would be overwritten"),
    "output is a folder": Command(_folder_named("new.png"), "a folder"),
    "output is .": Command(_words(*map(str, paint("-o", "."))), "extension"),
    "output is empty": Command(_words(*map(str, paint("-o", ""))), "extension"),
    "output is .png": Command(lambda folder: paint("-o", folder / ".png"), "no extension"),
    "output is a GIF": Command(lambda folder: paint("-o", folder / "x.gif"), "not a supported output format"),
    "palette into a file": Command(_below_a_file("palette", "PHOTO", "red", "-m", "MASK", "-o"), "a file has the name"),
    "demo into a file": Command(_below_a_file("demo", "-o"), "a file has the name"),
    "rooms into a file": Command(_below_a_file("data", "rooms", "--per-room", "1"), "cannot be written"),
    "report below a file": Command(_below_a_file("report", "nowhere", "-o"), "nowhere"),
    "compare over the photo": Command(_words(*map(str, paint("--compare", "PHOTO"))), "the photo itself"),
    "compare over the output": Command(_words(*map(str, paint("--compare", "OUT"))), "would be overwritten"),
    # photos of odd kinds
    "progressive JPEG": Command(_photo_as("p.jpg", "JPEG", progressive=True), paints="another"),
    "JPEG with an end of its own": Command(
        _photo_of("tail.jpg", encoded(Image.fromarray(room_pixels()), "JPEG") + b"trailing" * 99), paints="another"
    ),
    "JPEG whose EXIF is garbage": Command(_photo_of("exif.jpg", _deep_exif()), paints="another"),
    "WebP": Command(_photo_as("p.webp", "WEBP", lossless=True), paints="the same"),
    "TIFF, LZW": Command(_photo_as("p.tif", "TIFF", compression="tiff_lzw"), paints="the same"),
    "BMP": Command(_photo_as("p.bmp", "BMP"), paints="the same"),
    "PPM": Command(_photo_as("p.ppm", "PPM"), paints="the same"),
    "TGA": Command(_photo_as("p.tga", "TGA"), paints="the same"),
    "GIF": Command(_photo_as("p.gif", "GIF"), paints="another"),
    "grey with alpha": Command(_photo_as("la.png", "PNG", "LA"), paints="another"),
    "one bit a pixel": Command(_photo_as("bits.png", "PNG", "1"), paints="another"),
    "PNG called JPEG": Command(_photo_of("room.jpg", _PHOTO), paints="the same"),
    "PNG after a byte of its own": Command(_photo_of("late.png", b"\0" + _PHOTO), "not a picture"),
    "PNG with a wrong checksum": Command(_photo_of("crc.png", _bad_crc()), "damaged"),
    "PNG of no pixels": Command(_photo_of("none.png", png(0, 0, 8, 2, b"")), "not a picture"),
    "PNG of negative size": Command(_photo_of("minus.png", png(2**32 - 1, 2**32 - 1, 8, 2, b"")), ""),
    "cut WebP": Command(_photo_of("cut.webp", _cut("WEBP")), "damaged"),
    "cut TIFF": Command(_photo_of("cut.tif", _cut("TIFF")), ""),
    "cut GIF": Command(_photo_of("cut.gif", _cut("GIF")), "truncated"),
    "cut BMP": Command(_photo_of("cut.bmp", _cut("BMP")), "truncated"),
    "a single pixel": Command(_tiny(1, 1), "covers every pixel"),
    "ZIP archive as photo": Command(_photo_of("given.png", _archive(_layers())), "not a picture"),
    "gzip as photo": Command(_photo_of("given.png", b"\x1f\x8b\x08\0" + bytes(60)), "not a picture"),
    "numpy array as photo": Command(_photo_of("room.npy", _npy()), "not a picture"),
    "pickle as photo": Command(_photo_of("given.png", pickle.dumps(_Harmful())), ""),
    "program as photo": Command(_photo_of("given.png", b"\x7fELF" + bytes(200)), "not a picture"),
    "JSON as photo": Command(_photo_of("given.png", b'{"a": 1}'), "this is text"),
    "UTF-16 text as photo": Command(_photo_of("given.png", "Zimmer".encode("utf-16")), "not a picture"),
    "zeros as photo": Command(_photo_of("given.png", bytes(5000)), "not a picture"),
    "photo as mask": Command(_mask_of("photo.jpg", encoded(Image.fromarray(_colorful()), "JPEG")), "two colours"),
    "text as mask": Command(_mask_of("given.png", b"white is wall\n"), "this is text"),
    "cut mask": Command(_mask_of("given.png", _MASK[: len(_MASK) // 2]), "truncated"),
    "mask of one pixel": Command(_mask_of("given.png", encoded(Image.new("L", (1, 1), 255), "PNG")), ""),
    "animated mask": Command(
        _mask_of(
            "wall.gif",
            encoded(
                Image.fromarray(wall_mask()), "GIF", save_all=True, append_images=[Image.new("L", (WIDTH, HEIGHT))]
            ),
        ),
        paints="the same",
        says="several pictures",
    ),
    # colours
    **{
        f"colour {what}": Command(_words(*map(str, paint(color=text))), text.strip().replace("\x1b", "")[:1])
        for what, text in {
            "empty": "",
            "blank": "  ",
            "of two digits": "#12",
            "of seven digits": "#1234567",
            "of wrong digits": "#gggggg",
            "cut": "rgb(",
            "of two channels": "rgb(1,2)",
            "of five channels": "rgb(1,2,3,4,5)",
            "too bright": "300,0,0",
            "negative": "-1,0,0",
            "not a number": "nan,0,0",
            "infinite": "inf,inf,inf",
            "Lab not a number": "lab(nan,0,0)",
            "Lab no screen shows": "lab(50,500,500)",
            "in HSL": "hsl(120,50%,50%)",
            "markup": "[/red]",
            "transparent": "transparent",
            "hexadecimal": "0x112233",
            "of emoji": "🎨",
            "control characters": "\x1b[31mred",
            "see-through": "#11223344",
        }.items()
    },
    "colour in capitals with spaces": Command(_words(*map(str, paint(color="  #7a9E7e  "))), paints="the same"),
    # options
    "no colour": Command(_words("paint", "PHOTO", "-m", "MASK"), "--color or --texture"),
    "edge width of a word": Command(_words(*map(str, paint("--edge-width", "[/x]"))), "--edge-width"),
    "edge width below zero": Command(_words(*map(str, paint("--edge-width", "-1"))), ""),
    "corners not a number": Command(
        _words("paint", "PHOTO", "-m", "MASK", "--texture", "PHOTO", "--corners", "nan,0 1,0 1,1 0,1", "-o", "OUT"), ""
    ),
    "repeats of zero": Command(
        _words("paint", "PHOTO", "-m", "MASK", "--texture", "PHOTO", "--repeats", "0", "-o", "OUT"), ""
    ),
    "repeats not a number": Command(
        _words("paint", "PHOTO", "-m", "MASK", "--texture", "PHOTO", "--repeats", "nan", "-o", "OUT"), ""
    ),
    "texture is text": Command(
        lambda folder: ["paint", "PHOTO", "-m", "MASK", "--texture", _file(folder, "t.png", b"brick"), "-o", "OUT"],
        "this is text",
    ),
    "unknown engine": Command(_words(*map(str, paint("--engine", "[/x]"))), "no engine"),
    "LoRA without a model": Command(_words(*map(str, paint("--lora", "x"))), "--model"),
    "unknown command": Command(_words("[/red]"), "No such command"),
    "unknown option": Command(_words("paint", "PHOTO", "--colour", "red"), "No such option"),
    "no mask to invert": Command(_words("paint", "PHOTO", "-c", "red", "--invert-mask"), "--invert-mask"),
    "a point without a number": Command(_words("paint", "PHOTO", "-c", "red", "--keep", "x,3"), "whole numbers"),
    "a point outside": Command(_words("paint", "PHOTO", "-c", "red", "-k", "9999,3"), "outside the photo"),
    "a finder of use to no one": Command(
        _words("paint", "PHOTO", "-m", "MASK", "-c", "red", "--finder", "edges"), "--finder: of no use"
    ),
    "edges without a point": Command(_words("paint", "PHOTO", "-c", "red", "--finder", "edges"), "--keep X,Y"),
    "a mask over the result": Command(
        _words("paint", "PHOTO", "-c", "red", "-o", "OUT", "--save-mask", "OUT"), "would be overwritten"
    ),
    "no walls": Command(_words("walls", "PHOTO"), "say which walls"),
    "a wall without a colour": Command(_words("walls", "PHOTO", "--wall", "60,20"), "points and a colour"),
    "a wall without a point": Command(_words("walls", "PHOTO", "--wall", "=tan"), "points and a colour"),
    "option without a value": Command(_words("paint", "PHOTO", "-m"), "requires an argument"),
    "palette without colours": Command(_words("palette", "PHOTO", "-m", "MASK"), "Missing argument"),
    "palette of a wrong colour": Command(_words("palette", "PHOTO", "red", "[/]", "-m", "MASK"), "colour"),
    # measuring
    "measuring another size": Command(
        lambda folder: [
            "measure",
            "red",
            "PHOTO",
            "MASK",
            "--source",
            _file(folder, "s.png", encoded(Image.new("RGB", (9, 9)), "PNG")),
        ],
        "9 × 9",
    ),
    "measuring against a folder": Command(lambda folder: ["measure", str(folder), "PHOTO", "MASK"], ""),
    # walls
    "walls that are missing": Command(_words("walls", "PHOTO", "nowhere.zip"), "no such file"),
    "walls that are no archive": Command(_walls(b"no archive"), "ZIP archive"),
    "walls in a cut archive": Command(_walls(_archive(_layers(), north__png=_MASK)[:-30]), "ZIP archive"),
    "walls in an archive damaged inside": Command(_walls(_damaged_archive()), "ZIP archive"),
    "walls in an archive of names that are no text": Command(
        _walls(_archive(_layers()).replace(b"layers.json", b"\xff\xdc\xffers.json")), ""
    ),
    "walls without an index": Command(_walls(_archive(None, north__png=_MASK)), "layers.json"),
    "walls with a broken index": Command(_walls(_archive("{")), "layers.json"),
    "walls nested without end": Command(_walls(_archive("[" * 100_000)), "layers.json"),
    "walls with an index that is no text": Command(_walls(_archive(b"\xff\xfe\xff")), "layers.json"),
    "walls without a mask": Command(_walls(_archive(_layers())), "north.png"),
    "walls with a mask elsewhere": Command(_walls(_archive(_layers(mask="../wall.png"))), "in the same folder"),
    "walls without a colour": Command(_walls(_archive(_layers(color=None), north__png=_MASK)), "no colour"),
    "walls in no colour": Command(_walls(_archive(_layers(color="[/]"), north__png=_MASK)), "wall 1"),
    "walls of markup": Command(_walls(_archive(_layers(name="Blue [/] 3"), north__png=_MASK)), paints="another"),
    "walls of numbers": Command(_walls(_archive({"layers": [1, 2]})), "wall 1"),
    # catalogues
    "catalogue that is missing": Command(_words("colors", "--catalog", "nowhere.csv"), "nowhere.csv"),
    "catalogue that is a folder": Command(lambda folder: ["colors", "--catalog", str(folder)], ""),
    "catalogue that is empty": Command(_catalog(b""), ""),
    "catalogue that is a picture": Command(_catalog(_PHOTO), ""),
    "catalogue with a colour that is none": Command(_catalog(b"name,hex\nfog,#zzz\n"), "line 2"),
    "catalogue with an endless field": Command(_catalog(b'name,hex\n"' + b"x" * 200_000 + b'",#fff\n"'), ""),
    # clicks
    "click outside": Command(_words("mask", "PHOTO", "-k", "9999,9999", "-o", "OUT"), ""),
    "click of one number": Command(_words("mask", "PHOTO", "-k", "5", "-o", "OUT"), ""),
    "click not a number": Command(_words("mask", "PHOTO", "-k", "nan,5", "-o", "OUT"), ""),
    "polygon of two corners": Command(_words("mask", "PHOTO", "--polygon", "1,1 2,2", "-o", "OUT"), ""),
    # configurations
    "configuration that is missing": Command(
        _words("train", "--print-config", "--config", "no[/]where.yaml"), "where.yaml"
    ),
    "configuration that is a folder": Command(lambda folder: ["train", "--print-config", "--config", str(folder)], ""),
    "configuration that is a picture": Command(_config(_PHOTO), "mine.yaml"),
    "configuration that is broken": Command(_config(b"a: [1, 2\nb: {"), "mine.yaml"),
    "configuration with an unknown key": Command(_config(b"modle: {}\n"), "modle"),
    "configuration that is a list": Command(_config(b"- 1\n- 2\n"), "mine.yaml"),
    "configuration that grows without end": Command(_config(_bomb_yaml()), "mine.yaml"),
    "configuration that runs code": Command(_config(b"!!python/object/apply:os.mkdir [this-was-run]\n"), "mine.yaml"),
    "setting without a value": Command(_words("train", "--print-config", "--set", "nonsense"), ""),
    # data and results
    "dataset that is missing": Command(_words("data", "check", "no[/]where"), "no[/]where"),
    "report of nothing": Command(_words("report", "no[/]where"), "no[/]where"),
    "rooms that are missing": Command(_words("rooms", "show", "no[/]where"), "no[/]where"),
    "room that is damaged": Command(
        lambda folder: ["rooms", "show", str(Path(_file(folder, "room-000001.npz", b"PK")).parent)], "room-000001"
    ),
    "bench of no track": Command(_words("bench", "truth", "--quick", "--tracks", "[/]"), "--tracks"),
    "weights that are cut": Command(_weights("lora.safetensors", b"\xff" * 7), "lora.safetensors"),
    "weights that claim terabytes": Command(_weights("lora.safetensors", b"\xff" * 8 + b"{}"), "lora.safetensors"),
    "weights that run code": Command(_weights("model.ckpt", pickle.dumps(_Harmful())), "model.ckpt"),
}


def _looped(folder: Path) -> Words:
    (folder / "loop.png").symlink_to(folder / "loop.png")
    return paint(photo=folder / "loop.png")


def _output_fifo(folder: Path) -> Words:
    os.mkfifo(folder / "fifo.png")
    return paint("-o", folder / "fifo.png")
