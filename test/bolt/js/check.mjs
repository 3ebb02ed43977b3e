// Drives the scripted server with the official driver: check.mjs FAKE_SERVER_PROGRAM
// Two implementations that do not know each other then agree on every byte of the scripts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import neo4j from 'neo4j-driver'

const here = dirname(fileURLToPath(import.meta.url))
const versions = ['4.4', '5.0', '5.1', '5.2', '5.3', '5.4', '5.6', '5.7', '5.8', '6.0']
const atLeast = (version, other) => versions.indexOf(version) >= versions.indexOf(other)

function variablesOf (version) {
  const hello = 'C: HELLO {"user_agent": *, "*": *}\n'
  const reply = 'S: SUCCESS {"server": "Neo4j/5.0.0", "connection_id": "js-1", "hints": {}}\n'
  const logon = 'C: LOGON {"scheme": "basic", "principal": "neo4j", "credentials": "letmein"}\n'
  const code = 'Neo.ClientError.Statement.SyntaxError'
  return {
    ANSWER: atLeast(version, '6.0') ? 'manifest 6.0' : version,
    HELLO: atLeast(version, '5.1') ? hello + logon + reply + 'S: SUCCESS {}\n' : hello + reply,
    VECTOR: atLeast(version, '6.0') ? ', Vector("f32", [0.5, 1.0]), Vector("i16", [1, -1])' : '',
    FAILURE: atLeast(version, '5.7')
      ? `S: FAILURE {"neo4j_code": "${code}", "message": "told so", "gql_status": "42I06", "description": "d", "diagnostic_record": {"_classification": "CLIENT_ERROR"}}`
      : `S: FAILURE {"code": "${code}", "message": "told so"}`
  }
}

async function startServer (program, script, variables) {
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  const server = spawn(program, [join(here, script), ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [port] = await once(server.stdout, 'data')
  return { server, port: Number(String(port)) }
}

function sample (version) {
  const values = [null, true, neo4j.int(1), neo4j.int('-9223372036854775808'), 1.5, 'Größe', new Int8Array([0, -1]),
    [neo4j.int(1), [neo4j.int(2)]], { a: neo4j.int(1) }, new neo4j.types.Date(1970, 1, 2),
    new neo4j.types.LocalTime(0, 0, 0, 2), new neo4j.types.Time(0, 0, 0, 3, 60),
    new neo4j.types.LocalDateTime(1970, 1, 1, 0, 0, 4, 5), new neo4j.types.DateTime(1970, 1, 1, 0, 1, 6, 7, 60),
    new neo4j.types.Duration(1, 2, 3, 4), new neo4j.types.Point(neo4j.int(7203), 1, 2),
    new neo4j.types.Point(neo4j.int(9157), 1, 2, 3)]
  if (atLeast(version, '6.0')) {
    values.push(neo4j.vector(Float32Array.from([0.5, 1])), neo4j.vector(Int16Array.from([1, -1])))
  }
  return values
}

function compare (record, values) {
  const back = record.get('p')
  assert.equal(back.length, values.length)
  back.forEach((value, i) => {
    if (i === 6) assert.deepEqual([...value], [...values[i]])
    else assert.equal(JSON.stringify([value], plain), JSON.stringify([values[i]], plain))
  })
  assert.deepEqual(record.get('node').labels, ['A'])
  assert.equal(record.get('edge').type, 'T')
  assert.equal(record.get('path').segments[0].relationship.startNodeElementId, '2')
}

// Integers of the driver, bigints and numbers print alike.
function plain (_, value) {
  return neo4j.isInt(value) || typeof value === 'bigint' || typeof value === 'number' ? value.toString() : value
}

async function checkVersion (program, version) {
  const { server, port } = await startServer(program, 'values.bolt', variablesOf(version))
  const driver = neo4j.driver(`bolt://127.0.0.1:${port}`, neo4j.auth.basic('neo4j', 'letmein'), { telemetryDisabled: true })
  const session = driver.session()
  const values = sample(version)
  const result = await session.run('RETURN $p AS p', { p: values })
  compare(result.records[0], values)
  const transaction = await session.beginTransaction()
  await assert.rejects(transaction.run('oops'), (error) => error.code === 'Neo.ClientError.Statement.SyntaxError')
  await session.close()
  await driver.close()
  server.stdin.end()
  const [status] = await once(server, 'close')
  assert.equal(status, 0, `the server saw problems at Bolt ${version}`)
  console.log(`Bolt ${version}: ok`)
}

for (const version of versions) await checkVersion(process.argv[2], version)
