/**
 * Calls back once when the process that started this one is gone. npm runs a script through a shell, and
 * a signal sent to npm ends that shell without ever reaching the script.
 */
export function onParentGone(callback) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    callback();
  }, 500);
  watch.unref();
}
