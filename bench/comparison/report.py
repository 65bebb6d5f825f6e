"""The tables of docs/performance.md, made from the figures."""
import statistics

from .measure import CONVS, PASSES

TORCH = ("PyTorch nchw", "PyTorch channels_last")


def middle(figures):
    return statistics.median(figures)


def ms(figures):
    """The median with its spread, or why there is none."""
    if isinstance(figures, str) or not figures:
        return figures or "not measured"
    digits = 0 if middle(figures) >= 100 else 1 if middle(figures) >= 10 else 2
    low, mid, high = (f"{x:.{digits}f}" for x in (min(figures), middle(figures), max(figures)))
    return f"{mid} ({low} to {high})"


def faster(figures, labels):
    """The label of those with the smallest median; None where none was measured."""
    known = [each for each in labels if isinstance(figures.get(each), list) and figures[each]]
    return min(known, key=lambda each: middle(figures[each])) if known else None


def contest_row(what, figures, ours, theirs, bar, stretch=None):
    """One line: ours against the fastest of theirs."""
    if figures is None:
        return None
    mine = figures.get(ours)
    best = faster(figures, theirs)
    bar_text = f"{bar:g}x" + (f" ({stretch:g}x)" if stretch else "")
    if not isinstance(mine, list) or not mine or not best:
        why = next((figures[each] for each in (ours, *theirs)
                    if isinstance(figures.get(each), str)), "not measured")
        return f"| {what} | {ms(mine)} | {theirs[0]} | skipped: {why} | | {bar_text} | |"
    ratio = middle(figures[best]) / middle(mine)
    return (f"| {what} | {ms(mine)} | {best} | {ms(figures[best])} | **{ratio:.2f}x** | {bar_text} "
            f"| {verdict(ratio >= bar)} |")


def verdict(met):
    return "met" if met else "missed"


def main_table(results, avx512):
    get = results.get
    compiled = ("PyTorch compile",)
    rows = [
        contest_row("expression CNN, training step, batch 128", get("train"), "mien", TORCH,
                    2.5 if avx512 else 3.0, 4),
        contest_row("the same", get("train"), "mien", ("Keras",), 4),
        contest_row("the same without Winograd (`--conv direct`)", get("train"), "mien direct",
                    TORCH, 1.3, 1.5),
        contest_row("`small`, training step, batch 128", get("small"), "mien", TORCH, 2, 3),
        contest_row("resnet18, 44x44, training step, batch 64", get("resnet18"), "mien", TORCH,
                    2, 3),
        contest_row("expression CNN, prediction, batch 128", get("predict128"), "mien", TORCH,
                    2.2, 3),
        contest_row("the same", get("predict128"), "mien", compiled, 2.2, 3),
        contest_row("expression CNN, prediction, batch 1", get("predict1"), "mien", TORCH, 2.5),
        contest_row("the same", get("predict1"), "mien", compiled, 2, 3),
        contest_row("the same", get("predict1"), "mien", ("Keras",), 20),
    ]
    loader = get("loader")
    if isinstance(loader, str):
        rows.append(f"| loader with augmentation | | | skipped: {loader} | | 5x (10x) | |")
    elif loader:
        rows.append(contest_row("loader with augmentation, ms a batch of 128", loader, "mien",
                                ("Keras generator", "Keras dataset"), 5, 10))
    return table("what, ms: median (least to most) | mien | against | its time | ratio | "
                 "bar (stretch) | ", rows)


def table(head, rows):
    rows = [row for row in rows if row]
    if not rows:
        return ""
    return "\n".join([f"| {head.rstrip()} |", "|" + " --- |" * (head.count("|") + 1), *rows]) + "\n"


def gemm_table(figures):
    if not figures:
        return ""
    peak, rows = middle(figures["peak"]), []
    for label in (each for each in figures if each.startswith("mien|")):
        shape = label.split("|")[1]
        mine, other = middle(figures[label]), figures.get(f"torch|{shape}")
        share = 100 * mine / peak
        rows.append(f"| {shape} | {mine:.1f} | **{share:.0f}%** | "
                    f"{f'{middle(other):.1f}' if other else 'skipped'} | 80% (90%) | "
                    f"{verdict(share >= 80)} |")
    return (f"Matrix products on one core, m x n x k, GFLOP/s; its peak in fused multiply-adds "
            f"is {peak:.1f}.\n\n"
            + table("shape | mien | of the peak | PyTorch | bar (stretch) | ", rows))


def fresh_table(fresh, train):
    if not fresh:
        return ""

    def figure(label, key):
        values = fresh.get(label)
        return None if isinstance(values, str) or not values else middle([v[key] for v in values])

    def row(what, key, unit, bar, met):
        cells = []
        for label in ("mien", *TORCH, "Keras"):
            value = figure(label, key)
            cells.append(f"{value:.2f} {unit}" if value is not None and key == "first_step_s" else
                         f"{value:.0f} {unit}" if value is not None else "skipped")
        return f"| {what} | {' | '.join(cells)} | {bar} | {met} |"

    rows = []
    first, memory = figure("mien", "first_step_s"), figure("mien", "peak_rss_mib")
    if first is not None:
        step = middle(train["mien"]) if train and isinstance(train.get("mien"), list) else figure(
            "mien", "ms_median")
        limit = max(1.0, 1.3 * step / 1e3)
        rows.append(row("process start to the end of the first step", "first_step_s", "s",
                        f"{limit:.2f} s", verdict(first <= limit)))
        peers = [v for v in (figure(label, "peak_rss_mib") for label in TORCH) if v]
        met = verdict(memory <= min(peers) / 2) if peers else ""
        rows.append(row("peak memory (resident) of the training", "peak_rss_mib", "MiB",
                        "half of PyTorch's (a fifth)", met))
    return ("Fresh processes, expression CNN, batch 128.\n\n"
            + table(f"what | mien | {' | '.join(TORCH)} | Keras | bar | ", rows))


def conv_table(figures):
    if not figures:
        return ""
    rows = []
    for name in CONVS:
        for direction in PASSES:
            def cell(kind):
                return figures.get(f"{name}|{direction}|{kind}")
            if cell("mien auto") is None:
                continue
            other = faster({kind: cell(kind) for kind in TORCH}, TORCH)
            side, channels, filters, size = CONVS[name]
            gflop = 2e-9 * 128 * side * side * size * size * channels * filters
            ratio = ""
            if other and isinstance(cell("mien auto"), list):
                ratio = f"{middle(cell(other)) / middle(cell('mien auto')):.2f}x"
            rows.append(f"| {name} | {direction} | {gflop:.2f} | {ms(cell('mien auto'))} | "
                        f"{ms(cell('mien direct'))} | {other or ''} | "
                        f"{ms(cell(other)) if other else 'skipped'} | {ratio} |")
    return ("Convolutions alone, batch 128, ms.\n\n"
            + table("shape | pass | GFLOP | mien | mien direct | against | its time | ratio",
                    rows))


def scaling_table(figures):
    if not figures:
        return ""
    one, two = figures["1 threads, batch 128"], figures["2 threads, batch 128"]
    speedup = middle(one) / middle(two)
    each = {b: middle(figures[f"2 threads, batch {b}"]) / b for b in (32, 128, 512)}
    lines = [f"Two threads do the training step of the expression CNN {speedup:.2f} times as fast "
             f"as one (bar: 1.8): {ms(one)} ms and {ms(two)} ms.",
             "Milliseconds an image by batch, two threads: "
             + ", ".join(f"{b}: {value:.2f}" for b, value in each.items()) + "."]
    return "\n".join(lines) + "\n"


def epoch_text(epoch, results):
    if not epoch:
        return ""
    if isinstance(epoch, str):
        return f"A whole epoch of the real folders: skipped: {epoch}.\n"
    counts, steps = epoch["images"], epoch["steps"]
    text = (f"A whole epoch of the real folders ({counts['train']} images with augmentation, "
            f"{counts['validation']} for validation) takes fer_train {epoch['seconds']:.1f} s.")
    train, predict = results.get("train") or {}, results.get("predict128") or {}
    others = []
    for name, labels in (("PyTorch", TORCH), ("Keras", ("Keras",))):
        step, look = faster(train, labels), faster(predict, labels)
        if step and look:
            seconds = (steps["train"] * middle(train[step])
                       + steps["validation"] * middle(predict[look])) / 1e3
            others.append(f"{name} {seconds:.0f} s")
    if others:
        text += (" Extrapolated from the steps above, reading and augmenting not counted: "
                 + ", ".join(others) + ".")
    return text + "\n"


def report(data):
    results, machine = data["results"], data["machine"]
    versions = data["versions"]
    isa = versions.get("mien", {}).get("instruction_set", "unknown")
    names = ", ".join(v["versions"] for v in versions.values())
    runs = sorted(set(data["measured"].values()))
    when = runs[0] if len(runs) == 1 else f"between {runs[0]} and {runs[-1]}, in several runs"
    head = (f"CPU: {machine['cpu']}, {machine['cores']} cores. Instruction set of mien: {isa}. "
            f"Threads: {data['threads']}. {names}. Medians of {data['rounds']} rounds, in each of "
            f"which every library did the same work in turn; measured {when}.\n")
    parts = [head, main_table(results, isa == "avx512"),
             fresh_table(results.get("fresh"), results.get("train")),
             gemm_table(results.get("gemm")), conv_table(results.get("conv")),
             scaling_table(results.get("scaling")), epoch_text(results.get("epoch"), results)]
    return "\n".join(part for part in parts if part)
