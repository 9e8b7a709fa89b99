// Closes scripts/test with one plain line, `N passed, N failed`, made of vitest's JSON report and the checks before it.
import { readFileSync } from 'node:fs';

const [file, passedChecks, failedChecks] = process.argv.slice(2);
let passed = Number(passedChecks);
let failed = Number(failedChecks);

const text = readFileSync(file, 'utf8');
if (text === '') failed++;
else {
  const report = JSON.parse(text);
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not even be loaded has no tests to count.
  failed += report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  ).length;
  if (!report.success && failed === 0) failed++;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
