// Random documents that conform to a schema of a published file, from a seed.
const openapi = require('./openapi');

// mulberry32: small, and the same everywhere.
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const deepest = 5;

// A maker of documents of one file. An optional member is there half of the time, and deeper down less often; beside what the
// schema has there are members that it does not know.
class Maker {
  constructor(document, seed) {
    this.schemas = openapi.schemas_of(document);
    this.next = numbers(seed);
  }

  chance(of) { return this.next() < of; }

  pick(list) { return list[Math.floor(this.next() * list.length)]; }

  resolve(schema) {
    return schema.$ref ? this.schemas[schema.$ref.split('/').pop()] : schema;
  }

  // Properties and required names of an object, with those that it takes from others.
  members(schema) {
    const found = { properties: {}, required: new Set() };
    for (const part of [...(schema.allOf || []).map((one) => this.members(this.resolve(one))), schema]) {
      for (const [name, member] of Object.entries(part.properties || {})) found.properties[name] = { ...found.properties[name], ...member };
      for (const name of part.required || []) found.required.add(name);
    }
    return found;
  }

  // The schema that a reference leads to, and the type that a discriminator asks for.
  branch(schema) {
    const resolved = this.resolve(schema);
    const mapping = Object.entries((resolved.discriminator || {}).mapping || {});
    if (mapping.length > 0) {
      const [type, target] = this.pick(mapping);
      const chosen = this.resolve({ $ref: target });
      if (chosen === resolved) return { schema: resolved, type };
      // A branch may be a union itself, the names of which are its branches'.
      if (chosen.oneOf) return this.branch({ $ref: target });
      return { schema: chosen, type };
    }
    if (resolved.oneOf) return this.branch(this.pick(resolved.oneOf));
    return { schema: resolved, type: schema.$ref && schema.$ref.split('/').pop().replace(/_(FVO|MVO|RES|Create)$/, '') };
  }

  value(schema, depth) {
    const { schema: chosen, type } = this.branch(schema);
    if (chosen.enum) return this.pick(chosen.enum);
    if (chosen.type === 'array' || chosen.items) {
      const count = Math.max(chosen.minItems || 0, depth >= deepest ? 0 : Math.floor(this.next() * 3));
      return Array.from({ length: count }, () => this.value(chosen.items, depth + 1));
    }
    switch (chosen.type) {
      case 'string': return this.text(chosen.format);
      case 'boolean': return this.chance(0.5);
      case 'integer': return Math.floor(this.next() * Math.min(1000, chosen.maximum ?? 1000));
      case 'number': return this.pick([1.5, 0.25, 1e-7, 12]);
      default:
    }
    if (chosen.properties || chosen.allOf) return this.object(chosen, type, depth);
    return chosen.type === 'object' ? { k: this.chance(0.5) } : this.anything();
  }

  anything() {
    return this.pick([() => 'text', () => 7, () => 1.5, () => true, () => ({ k: 1 }), () => ['a', 'b'], () => [1, 2], () => [1, 2.5],
      () => [true], () => [{ k: 'v' }], () => [], () => [1, 'a'], () => null])();
  }

  text(format) {
    if (format === 'date-time') return this.pick(['2024-01-02T03:04:05.006Z', '2024-01-02T03:04:05+02:00']);
    if (format === 'uri' || format === 'url') return this.pick(['https://host.example/a/1', 'urn:uuid:0b0c5d5e-8a2f-4c52-9d62-5a8f4d0f3a10']);
    if (format === 'base64') return 'YQ==';
    return this.pick(['x', 'Active', 'a text', 'ünï', `n${Math.floor(this.next() * 100000)}`]);
  }

  object(schema, type, depth) {
    const { properties, required } = this.members(schema);
    const made = {};
    for (const [name, member] of Object.entries(properties)) {
      if (!required.has(name) && !this.chance(depth === 0 ? 0.5 : 0.6 - 0.1 * depth)) continue;
      made[name] = name === '@type' ? this.type(member, type) : this.value(member, depth + 1);
    }
    if (this.chance(0.1)) made['x-vendor'] = this.anything();
    return made;
  }

  type(member, type) {
    const words = this.resolve(member).enum;
    if (words) return words.includes(type) ? type : this.pick(words);
    return type || 'Thing';
  }
}

exports.Maker = Maker;
