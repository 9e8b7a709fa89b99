// Orthanc with the usual de-identifying recipe: a Lua script anonymizes each stable study, sends it on and deletes both copies.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from './processes.ts';

const RECIPE = `
function OnStableStudy(studyId, tags, metadata)
  if metadata['AnonymizedFrom'] ~= nil then return end
  local clean = ParseJson(RestApiPost('/studies/' .. studyId .. '/anonymize', '{}'))
  RestApiPost('/modalities/research/store', clean['ID'])
  RestApiDelete('/studies/' .. clean['ID'])
  RestApiDelete('/studies/' .. studyId)
end
`;

/** Seconds that Orthanc waits before it calls a study stable; taken off its time, since it is waiting and not work. */
export const STABLE_AGE_SECONDS = 1;

export async function startOrthanc(
  directory: string,
  port: number,
  httpPort: number,
  sinkPort: number,
): Promise<Server> {
  const script = join(directory, 'recipe.lua');
  writeFileSync(script, RECIPE);
  const configuration = join(directory, 'orthanc.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      StorageDirectory: join(directory, 'orthanc'),
      IndexDirectory: join(directory, 'orthanc'),
      DicomPort: port,
      HttpPort: httpPort,
      DicomAlwaysAllowStore: true,
      StableAge: STABLE_AGE_SECONDS,
      LuaScripts: [script],
      DicomModalities: { research: ['RESEARCH', '127.0.0.1', sinkPort] },
      Plugins: [],
    }),
  );
  return Server.start(port, 'Orthanc', [configuration]);
}
