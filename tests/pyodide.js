// A session of slownet in Pyodide, run by deno. Arguments: the version of Pyodide, the folder of its
// packages (or ""), the folder of slownet, that of the tests, one for the files, and the code.
const [version, packages, root, tests, files, code] = Deno.args;
const { loadPyodide } = await import(`npm:pyodide@${version}`);
const pyodide = await loadPyodide(packages ? { packageCacheDir: packages } : {});
pyodide.setStderr({ batched: (text) => console.error(text) });
if (packages) {
  const loaded = { messageCallback: () => {}, errorCallback: (text) => console.error(text) };
  await pyodide.loadPackage(["numpy", "pandas", "sqlite3"], loaded);
  pyodide.mountNodeFS("/pure", `${packages}/pure`);
}
pyodide.mountNodeFS("/root", root);
pyodide.mountNodeFS("/tests", tests);
pyodide.mountNodeFS("/files", files);
pyodide.runPython(`import sys; sys.dont_write_bytecode = True; sys.path += ["/root", "/tests", "/pure"]`);
console.log(pyodide.runPython(code));
