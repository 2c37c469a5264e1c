"""Reading of the QR codes that a page shows, from its pixels."""

from __future__ import annotations

import base64

import numpy as np
import zxingcpp

PIXELS = """async (image) => {
    const found = new Image();
    found.src = `data:image/png;base64,${image}`;
    await found.decode();
    const canvas = new OffscreenCanvas(found.width, found.height);
    const paper = canvas.getContext("2d");
    paper.drawImage(found, 0, 0);
    const { data } = paper.getImageData(0, 0, found.width, found.height);
    let reds = "";
    for (let k = 0; k < data.length; k += 4) reds += String.fromCharCode(data[k]);
    return [found.height, found.width, btoa(reds)];
}"""


def read_codes(page):
    """Return the texts of the codes that are seen."""
    image = base64.b64encode(page.screenshot()).decode()
    height, width, reds = page.evaluate(PIXELS, image)
    pixels = np.frombuffer(base64.b64decode(reds), np.uint8).reshape(height, width)
    return [each.text for each in zxingcpp.read_barcodes(pixels)]
