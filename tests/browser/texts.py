"""The texts of a page, in its elements and on its canvases: where they stand, and their contrast."""

from __future__ import annotations

# records what is written on canvases, and the colours that were there before
RECORDER = """
const drawn = globalThis.drawn = new Map();
const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const { prototype } = CanvasRenderingContext2D;
const { fillText, clearRect } = prototype;
prototype.clearRect = function (...box) {
    drawn.set(this.canvas, []);
    clearRect.call(this, ...box);
};
prototype.fillText = function (text, x, y, ...rest) {
    const { actualBoundingBoxLeft: before, actualBoundingBoxRight: after,
        actualBoundingBoxAscent: above, actualBoundingBoxDescent: below } = this.measureText(text);
    const { a, e, f } = this.getTransform();
    const [left, top] = [a * (x - before) + e, a * (y - above) + f];
    const [width, height] = [a * (before + after), a * (above + below)];
    const found = { text, box: [left, left + width, top, top + height], colour: this.fillStyle };
    if (globalThis.readsGround && width >= 1 && height >= 1) {
        [probe.canvas.width, probe.canvas.height] = [Math.ceil(width), Math.ceil(height)];
        probe.fillStyle = globalThis.readsGround;
        probe.fillRect(0, 0, width + 1, height + 1);
        probe.drawImage(this.canvas, -Math.floor(left), -Math.floor(top));
        found.ground = probe.getImageData(0, 0, Math.ceil(width), Math.ceil(height)).data;
    }
    if (!drawn.has(this.canvas)) drawn.set(this.canvas, []);
    drawn.get(this.canvas).push(found);
    fillText.call(this, text, x, y, ...rest);
};
"""

SEEN = """
const isSeen = each => each.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !each.closest("option, noscript") && !clipped(each) && inside(each);
const clipped = each => each !== null &&
    (getComputedStyle(each).clipPath !== "none" || clipped(each.parentElement));
const inside = each => { // whatever scrolls shows it
    const { left, right, top, bottom } = each.getBoundingClientRect();
    for (let at = each.parentElement; at; at = at.parentElement) {
        if (!/auto|scroll/.test(getComputedStyle(at).overflowY)) continue;
        const box = at.getBoundingClientRect();
        if (bottom < box.top + 1 || top > box.bottom - 1) return false;
    }
    return right > left && bottom > top;
};
const words = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const { currentNode: node } = walker;
        const text = node.textContent.trim();
        if (text && isSeen(node.parentElement)) found.push([text, node]);
    }
    return found;
};
"""

# the text of elements, line by line, and of canvases: [text, left, right, top, bottom], on the page
TEXTS = (
    "() => {"
    + SEEN
    + """
    const lines = words().flatMap(([text, node]) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [...range.getClientRects()].filter(({ width }) => width > 0.5).map(
            ({ left, right, top, bottom }) => [text.slice(0, 40), left, right, top, bottom]);
    });
    const painted = [...drawn].filter(([canvas]) => canvas.isConnected && isSeen(canvas)).flatMap(
        ([canvas, texts]) => {
            const around = canvas.getBoundingClientRect();
            const sharp = canvas.width / around.width;
            return texts.filter(({ box }) => box[1] > box[0]).map(({ text, box }) => [text,
                ...box.map((place, k) => place / sharp + (k < 2 ? around.left : around.top))]);
        });
    return [...lines, ...painted];
}"""
)

PICTURES = (
    "() => {"
    + SEEN
    + """
    return [...document.querySelectorAll("canvas")].filter(isSeen).map(each => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return [each.id || each.className || each.parentElement.className, left, right, top, bottom];
    });
}"""
)

LUMINANCE = """
const luminance = colour => {
    const [red, green, blue] = colour.map(part =>
        part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
};
const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const parts = colour => {
    probe.canvas.width = probe.canvas.height = 1;
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data];
};
"""

# texts with the contrast to what is behind them: [text, contrast]; on canvases, to nine tenths of that
CONTRASTS = (
    "() => {"
    + SEEN
    + LUMINANCE
    + """
    const groundOf = each => {
        const layers = [];
        for (let at = each; at; at = at.parentElement) {
            const colour = parts(getComputedStyle(at).backgroundColor);
            layers.unshift(colour);
            if (colour[3] === 255) break;
        }
        return layers.reduce((under, [red, green, blue, alpha]) => [red, green, blue].map(
            (part, k) => (part * alpha + under[k] * (255 - alpha)) / 255), [255, 255, 255]);
    };
    const elements = words().map(([text, node]) => [node.parentElement, text]);
    for (const each of document.querySelectorAll("select, input:not([type=range], [type=radio])")) {
        if (isSeen(each)) elements.push([each, each.value || each.placeholder || each.id]);
    }
    const written = elements.filter(([each]) => !each.closest(":disabled")).map(([each, text]) =>
        [text.slice(0, 40), contrast(parts(getComputedStyle(each).color), groundOf(each))]);
    const painted = [...drawn].filter(([canvas]) => canvas.isConnected && isSeen(canvas)).flatMap(
        ([canvas, texts]) => texts.filter(({ ground }) => ground).map(({ text, colour, ground }) => {
            const found = new Float64Array(ground.length / 4);
            const ink = parts(colour);
            for (let k = 0; k < found.length; k += 1) {
                found[k] = contrast(ink, [...ground.subarray(4 * k, 4 * k + 3)]);
            }
            found.sort();
            return [`${canvas.id}: ${text}`, found[Math.floor(found.length / 10)]];
        }));
    return [...written, ...painted];
}"""
)
