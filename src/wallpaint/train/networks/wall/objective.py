"""Loss of the wall networks: all walls, classes, the wall meant by simulated people, and the embeddings at clicks."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from wallpaint.networks.wall_inputs import click_maps
from wallpaint.train.networks.wall.network import ClickNetwork, Look, LookNetwork
from wallpaint.train.networks.wall.simulated_clicks import Person, draw_people
from wallpaint.train.networks.wall.views import WallViews

_LABELS, _CLICKS, _PAINT, _PLANE = 0.3, 1.0, 0.3, 0.15  # weights of the parts
_SHARPNESS = 8.0  # log odds of one surface at cosine 1; at 0.5 they are 0
_BORDER = 2.0  # additional weight of pixels at an edge of the wall


class WallNetworks(torch.nn.Module):
    """Both networks, as one module to train."""

    def __init__(self) -> None:
        super().__init__()
        self.look = LookNetwork()
        self.click = ClickNetwork()


def wall_loss(networks: WallNetworks, views: WallViews, rounds: int, random: np.random.Generator) -> torch.Tensor:
    """() float: the loss of one batch. rounds : clicks of each simulated person; gradients are of the last answer."""
    with torch.autocast("cpu", torch.bfloat16):
        look, labels = networks.look.both(views.photos.contiguous(memory_format=torch.channels_last))
    look = Look(*(each.float() for each in look))
    loss = mask_loss(look.wall, views.wall) + _LABELS * cross_entropy(labels.float(), views.labels)
    people = draw_people(views.wall[:, 0].numpy(), views.surfaces, random)
    meant = torch.from_numpy(np.stack([person.meant for person in people]))[:, None]
    answers: torch.Tensor | None = None
    for number in range(rounds):
        for index, person in enumerate(people):
            person.click(None if answers is None else answers[index, 0].numpy(), random)
        with torch.set_grad_enabled(number == rounds - 1):
            logits = clicked(networks.click, look, people, answers)
        answers = logits.detach().sigmoid()
    return loss + _CLICKS * mask_loss(logits, meant) + embedding_loss(look, people, views)


def clicked(network: ClickNetwork, look: Look, people: list[Person], previous: torch.Tensor | None) -> torch.Tensor:
    """(B, 1, H/2, W/2) log odds after all clicks of each person. previous : (B, 1, H/2, W/2) probabilities."""
    shape = look.features.shape[-2:]
    before = torch.zeros(len(people), *shape) if previous is None else torch.nn.functional.avg_pool2d(previous, 2)[:, 0]
    maps = torch.from_numpy(
        np.stack(
            [
                click_maps((None, None), each.keeps, each.drops, mask.numpy())
                for each, mask in zip(people, before, strict=True)
            ]
        )
    )
    similar = torch.stack(
        [
            torch.stack([_similarity(embedding, cells) for cells in (each.keeps, each.drops)])
            for embedding, each in zip(look.paint, people, strict=True)
        ]
    )
    with torch.autocast("cpu", torch.bfloat16):
        maps = torch.cat([similar, maps[:, 2:]], 1).contiguous(memory_format=torch.channels_last)
        logits = network(look.features, look.fine, look.wall, maps)
    return logits.float()


def mask_loss(logits: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Cross entropy, edges counting more, plus the soft Jaccard distance. Both (B, 1, h, w)."""
    edge = torch.nn.functional.max_pool2d(share, 5, 1, 2) + torch.nn.functional.max_pool2d(-share, 5, 1, 2)
    weight = 1 + _BORDER * edge
    entropy = (binary_cross_entropy_with_logits(logits, share, reduction="none") * weight).sum() / weight.sum()
    probability = logits.sigmoid()
    both = (probability * share).sum((1, 2, 3))
    either = (probability + share - probability * share).sum((1, 2, 3))
    return 2 * entropy + (1 - (both + 1) / (either + 1)).mean()


def embedding_loss(look: Look, people: list[Person], views: WallViews) -> torch.Tensor:
    """Cross entropy of "the same surface as at this click", for paints and for planes, each side counting half."""
    total = look.paint.new_zeros(())
    count = 0
    for number, person in enumerate(people):
        for row, column in (person.keeps + person.drops)[:3]:
            surfaces = views.surfaces[number][1::2, 1::2]
            planes = views.planes[number]
            for weight, embedding, numbers in (
                (_PAINT, look.paint[number], surfaces),
                (_PLANE, look.plane[number], planes),
            ):
                here = int(numbers[row, column])
                if here in (0, 255):
                    continue
                same = torch.from_numpy(numbers == here)
                cosine = torch.tensordot(embedding[:, row, column], embedding, 1)
                entropy = binary_cross_entropy_with_logits(_SHARPNESS * (cosine - 0.5), same.float(), reduction="none")
                total = total + weight * 0.5 * (_mean(entropy[same]) + _mean(entropy[~same]))
                count += 1
    return total / max(count, 1) * 2


@torch.no_grad()
def held_out_scores(networks: WallNetworks, views: WallViews) -> dict[str, float]:
    """Mean intersection over union: all walls without a click, and one paint after 1, 3 and 5 clicks."""
    random = np.random.default_rng(1)
    scores: dict[str, list[float]] = {}
    for first in range(0, len(views.photos), 8):
        part = slice(first, first + 8)
        look = networks.look(views.photos[part])
        wall = views.wall[part, 0].numpy()
        _add(scores, "all walls", look.wall[:, 0].numpy() > 0, wall > 0.5)
        people = [
            Person(_largest_paint(share, surfaces)) for share, surfaces in zip(wall, views.surfaces[part], strict=True)
        ]
        answers: torch.Tensor | None = None
        for count in range(1, 6):
            for number, person in enumerate(people):
                person.click(None if answers is None else answers[number, 0].numpy(), random)
            answers = clicked(networks.click, look, people, answers).sigmoid()
            if count in (1, 3, 5):
                truths = np.stack([person.meant for person in people]) > 0.5
                _add(scores, f"{count} clicks", answers[:, 0].numpy() > 0.5, truths)
    return {name: float(np.mean(values)) for name, values in scores.items()}


def _largest_paint(wall: np.ndarray, surfaces: np.ndarray) -> np.ndarray:
    counts = np.bincount(surfaces[(surfaces < 100) & (wall > 0.5)], minlength=1)
    return np.where(surfaces == counts.argmax(), wall, 0) if counts.sum() else wall


def _add(scores: dict[str, list[float]], name: str, answers: np.ndarray, truths: np.ndarray) -> None:
    for answer, truth in zip(answers, truths, strict=True):
        if truth.mean() > 0.005:
            scores.setdefault(name, []).append(float((answer & truth).sum() / (answer | truth).sum()))


def _similarity(embedding: torch.Tensor, cells: list[tuple[int, int]]) -> torch.Tensor:
    """(h, w), as `wallpaint.networks.wall_inputs.similarity`, with gradients."""
    if not cells:
        return torch.full_like(embedding[0], -1)
    rows, columns = zip(*cells, strict=True)
    return torch.tensordot(embedding[:, rows, columns].T, embedding, 1).amax(0)


def _mean(values: torch.Tensor) -> torch.Tensor:
    return values.mean() if values.numel() else values.sum()
