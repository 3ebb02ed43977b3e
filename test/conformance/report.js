// Prints a line per check and closes with 'N passed, M failed'.
let passed = 0;
let failed = 0;

exports.check = (good, what, detail) => {
  if (good) {
    passed += 1;
    console.log(`ok ${what}`);
  } else {
    failed += 1;
    console.log(`FAILED: ${what}${detail === undefined ? '' : `: ${String(detail).slice(0, 1500)}`}`);
  }
  return good;
};

exports.close = () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
};

// One request; the body comes back as JSON where it is some.
exports.call = async (method, url, document, type = 'application/json') => {
  const body = document === undefined ? undefined : JSON.stringify(document);
  const headers = { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': type }) };
  const answer = await fetch(url, { method, headers, body });
  const text = await answer.text();
  let json;
  try {
    json = text ? JSON.parse(text) : undefined;
  } catch {
    json = undefined;
  }
  return { status: answer.status, headers: answer.headers, json, text };
};
