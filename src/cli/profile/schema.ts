// `lethe profile schema`: the JSON Schema with which editors complete and check profiles.
import { EXIT } from '../exit-codes.ts';
import type { AddCommand } from '../services.ts';

export const addSchema: AddCommand = (profile, _services, finish) => {
  profile
    .command('schema')
    .description(
      'print the JSON Schema of profiles; name it in a file: # yaml-language-server: $schema=profile.schema.json',
    )
    .action(async () => {
      const { schemaText } = await import('../../profile/grammar.ts');
      process.stdout.write(schemaText());
      finish(EXIT.done);
    });
};
