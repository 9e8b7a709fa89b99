// The servers behind the roles: the database and Redis.
import type { Config } from '../../config/config.ts';
import { LetheError } from '../../core/errors.ts';
import { examineRedis } from '../../queue/examine.ts';
import type { Database } from '../../store/database.ts';
import { examineDatabase } from '../../store/examine.ts';
import { fail, ok, type Finding } from './finding.ts';

/** @param database open, its schema up to date */
export async function checkDatabaseFacts(config: Config, database: Database): Promise<Finding> {
  const { version, lockedTables, migration } = await examineDatabase(database);
  const kind = config.database === 'embedded' ? 'embedded' : 'PostgreSQL';
  if (lockedTables.length > 0)
    return fail(
      'database',
      `our user may not use ${lockedTables.join(', ')}; let it own the tables: alter table … owner to …`,
    );
  return ok('database', `${kind} ${version}, opens, its schema is up to date (${migration})`);
}

/** Nothing to say while the queue is in the process itself. */
export async function checkRedis(config: Config): Promise<Finding[]> {
  if (config.queue === 'embedded') return [];
  try {
    const { version, evictionPolicy } = await examineRedis(config.queue);
    return [
      evictionPolicy === 'noeviction'
        ? ok('redis', `${version} answers, maxmemory-policy noeviction`)
        : fail(
            'redis',
            `${version}: maxmemory-policy is ${evictionPolicy}, which throws jobs out; set it to noeviction`,
          ),
    ];
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    return [fail('redis', `${error.message} Look at queue, user and password`)];
  }
}
