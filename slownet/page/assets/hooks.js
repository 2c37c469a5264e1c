/** What tests and benchmarks look at. @param {import("./player.js").Player} player @param {Promise<void>} opened */
export function hooks(player, opened) {
  const { painter } = player;
  return {
    player,
    painter,
    opened,
    get net() {
      return player.course.net;
    },
    get frames() {
      return player.course.last + 1;
    },
    state: () => ({ ...player.state, step: player.course.net.frames.stepOf(player.state.frame) }),
    show: (/** @type {number} */ frame) => player.show(frame, true),
    play: () => player.play(),
    pause: () => player.pause(),
    setSpeed: (/** @type {number} */ speed) => player.setSpeed(speed),
    get painted() {
      return painter.painted;
    },
  };
}
