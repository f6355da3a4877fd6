/** Makes commander options from a settings schema, and settings from what commander collected. */
import { parseSettings, UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { z } from 'zod';

interface FlagMeta {
  /** e.g. `-v` */
  readonly short?: string;
  readonly value?: string;
  readonly description?: string;
  readonly defaultText?: string;
  /** Given once for each value, which may hold commas. */
  readonly repeatable?: boolean;
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const flagOf = (key: string): string => `--${kebab(key)}`;

export function addFlags(command: Command, schema: z.ZodObject): Command {
  const json = z.toJSONSchema(schema, { io: 'input' });
  const required = new Set(json.required ?? []);
  for (const [key, field] of Object.entries(json.properties ?? {})) {
    const meta = field as FlagMeta & { default?: unknown };
    const defaultText =
      meta.defaultText ?? (meta.default === undefined || meta.default === false ? '' : String(meta.default));
    const notes = required.has(key) ? ' (required)' : defaultText ? ` (default: ${defaultText})` : '';
    const flag = `${meta.short ? `${meta.short}, ` : ''}--${kebab(key)}${meta.value ? ` ${meta.value}` : ''}`;
    const description = `${meta.description ?? ''}${notes}`;
    if (meta.repeatable)
      command.option(flag, description, (text: string, before?: string[]) => [...(before ?? []), text]);
    else command.option(flag, description);
  }
  return command;
}

/**
 * Turns commander's texts into validated settings.
 * @throws UndertoneError usage: one sentence with the flag, the bad value and what is allowed
 */
export function parseFlags<S extends z.ZodObject>(schema: S, texts: Record<string, unknown>): z.output<S> {
  const json = z.toJSONSchema(schema, { io: 'input' });
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(json.properties ?? {})) {
    const given = texts[key];
    if (given === undefined) {
      if (json.required?.includes(key)) {
        throw new UndertoneError(
          'usage',
          `--${kebab(key)}`,
          `Missing --${kebab(key)}: ${describe(json, key)}`,
        );
      }
      continue;
    }
    values[key] = typeof given === 'string' ? fromText(given, json.properties?.[key]) : given;
  }
  try {
    return parseSettings(schema, values, 'flags');
  } catch (thrown) {
    if (!(thrown instanceof UndertoneError)) throw thrown;
    const flag = `--${kebab(thrown.subject.split('.')[1] ?? '')}`;
    throw new UndertoneError('usage', flag, thrown.message.replace(thrown.subject, flag));
  }
}

type JsonField = NonNullable<z.core.JSONSchema.JSONSchema['properties']>[string];

/** A text stays a text unless the setting takes numbers or lists, so that a folder named `1` stays a name. */
function fromText(text: string, field: JsonField | undefined): unknown {
  if (typeof field !== 'object') return text;
  if (field.type === 'array') {
    const item = Array.isArray(field.items) ? undefined : field.items;
    return text.split(',').map((part) => fromText(part.trim(), item));
  }
  const types = [field, ...(field.anyOf ?? [])].map((one) =>
    typeof one === 'object' ? one.type : undefined,
  );
  const numeric = types.includes('number') || types.includes('integer');
  return numeric && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text;
}

function describe(json: z.core.JSONSchema.JSONSchema, key: string): string {
  const field = json.properties?.[key];
  return typeof field === 'object' ? (field.description ?? '') : '';
}
