/**
 * A net of objects in JavaScript, as TensorFlow Playground has one: nodes and the links between them.
 * Gradients are accumulated in the links over a batch, then all links are updated. Sigmoid, softmax.
 */
class Node {
  constructor() {
    Object.assign(this, { bias: 0, sum: 0, output: 0, delta: 0, biasSum: 0, inputs: [], outputs: [] });
  }
}

class Link {
  constructor(source, target) {
    Object.assign(this, { source, target, weight: (Math.random() - 0.5) * 0.1, gradient: 0 });
    source.outputs.push(this);
    target.inputs.push(this);
  }
}

function built(sizes) {
  const layers = sizes.map((size) => Array.from({ length: size }, () => new Node()));
  for (let l = 1; l < layers.length; l += 1) {
    for (const target of layers[l]) for (const source of layers[l - 1]) new Link(source, target);
  }
  return layers;
}

function forward(layers, inputs) {
  layers[0].forEach((node, k) => (node.output = inputs[k]));
  for (let l = 1; l < layers.length; l += 1) {
    for (const node of layers[l]) {
      node.sum = node.bias;
      for (const link of node.inputs) node.sum += link.weight * link.source.output;
      node.output = 1 / (1 + Math.exp(-node.sum));
    }
  }
  const last = layers[layers.length - 1];
  let total = 0;
  for (const node of last) total += node.output = Math.exp(node.sum);
  for (const node of last) node.output /= total;
}

function backward(layers, label) {
  layers[layers.length - 1].forEach((node, k) => (node.delta = node.output - (k === label ? 1 : 0)));
  for (let l = layers.length - 1; l > 0; l -= 1) {
    if (l < layers.length - 1) {
      for (const node of layers[l]) {
        let slope = 0;
        for (const link of node.outputs) slope += link.weight * link.target.delta;
        node.delta = slope * node.output * (1 - node.output);
      }
    }
    for (const node of layers[l]) {
      node.biasSum += node.delta;
      for (const link of node.inputs) link.gradient += node.delta * link.source.output;
    }
  }
}

function update(layers, rate) {
  for (const layer of layers.slice(1)) {
    for (const node of layer) {
      node.bias -= rate * node.biasSum;
      node.biasSum = 0;
      for (const link of node.inputs) {
        link.weight -= rate * link.gradient;
        link.gradient = 0;
      }
    }
  }
}

onmessage = ({ data: { sizes, batch, seconds } }) => {
  const layers = built(sizes);
  const images = Array.from({ length: 200 }, () => // one in five pixels has ink, as in MNIST
    Array.from({ length: sizes[0] }, () => (Math.random() < 0.19 ? Math.random() : 0)));
  let samples = 0;
  let started = 0;
  while (!started || performance.now() - started < 1000 * seconds) {
    for (let k = 0; k < batch; k += 1) {
      forward(layers, images[(samples + k) % images.length]);
      backward(layers, k % 10);
    }
    update(layers, 0.1 / batch);
    samples += batch;
    if (!started && samples >= 10 * batch) [started, samples] = [performance.now(), 0];
  }
  postMessage((1000 * (performance.now() - started)) / samples);
};
