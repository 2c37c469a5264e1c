/** The way to the frame that the page opens with. */

const STOPS = 40; // on the way
const LONGEST = 3000; // milliseconds for them, where painting takes long

/** Go to a frame through others, and show some of them, so that curves have their points.
 * @param {import("./player.js").Player} player @param {number} frame
 * @returns {Promise<void>} done when it is there, or as near as can be; never, if the reader has gone
 *   somewhere else
 */
export function travel(player, frame) {
  const { state, course } = player;
  const [first, last] = [course.placeOf(state.frame), course.placeOf(frame)];
  const journey = player.journey = {};
  const end = performance.now() + LONGEST;
  return new Promise((resolve) => {
    const frameOf = (/** @type {number} */ stop) =>
      stop < STOPS ? course.frameAt(first + (last - first) * stop / STOPS) : frame;
    let stop = 0;
    const next = () => {
      if (player.journey !== journey) return;
      do stop += 1; while (stop < STOPS && frameOf(stop) === state.frame);
      if (performance.now() > end) stop = STOPS;
      const [wanted, isLast] = [frameOf(stop), stop === STOPS];
      course.go(wanted, (there, isOver) => {
        state.frame = there;
        player.changes.takeBack();
        if (isOver && (isLast || there !== wanted)) player.journey = null;
        player.paint();
        if (player.journey === null) resolve();
        else if (isOver) requestAnimationFrame(next);
      }, state.experiment.edits);
    };
    next();
  });
}
