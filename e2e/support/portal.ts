import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Browser, BrowserContext, expect, Page } from '@playwright/test';
import { ready } from './page';

const root = resolve(__dirname, '../..');
const assembly = process.env.PORTAL_DLL ?? join(root, 'Portal/bin/Debug/net10.0/Portal.dll');

/** Settings that let whoever may publish in the demo namespace do so without asking anybody. */
export const withoutReview = { Portal__Releases__Environments__0__Name: 'demo', Portal__Releases__Environments__0__Namespaces__0: 'demo' };

/** Where PostgreSQL listens when the portals of this run keep their data in it: the socket's directory of what build.sh started. */
const postgres = /Host=([^;]+)/.exec(process.env.GENKIT_TEST_POSTGRES ?? '')?.[1];

/** A portal process on free ports with a data directory of its own, which outlives restarts. */
export class Portal {
  readonly dataDirectory = mkdtempSync(join(tmpdir(), 'genkit-portal-e2e-'));
  url = '';
  output = '';
  private readonly guests: BrowserContext[] = [];
  private database?: Record<string, string>;
  private process?: ChildProcess;
  private exited: Promise<number | null> = Promise.resolve(null);

  /** Starts and waits for the URL line. Rejects with everything printed when the process ends before it. */
  async start(extra: Record<string, string> = {}, args: string[] = []): Promise<void> {
    this.output = '';
    const child = spawn('dotnet', [assembly, '--urls', 'http://127.0.0.1:0', ...args], {
      cwd: this.dataDirectory,
      env: { ...process.env, Portal__DataDirectory: this.dataDirectory, Portal__ApiServer__Port: '0', ...this.databaseSettings(), ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    this.exited = new Promise(done => child.once('exit', code => done(code)));
    await new Promise<void>((started, failed) => {
      const read = (data: Buffer) => {
        this.output += data.toString();
        const match = /running at (http:\/\/\S+)/.exec(this.output);
        if (match) { this.url = match[1].replace(/\/$/, ''); started(); }
      };
      child.stdout!.on('data', read);
      child.stderr!.on('data', read);
      child.once('exit', code => failed(new Error(`The portal ended with ${code} before it was ready:\n${this.output}`)));
    });
  }

  /** None for SQLite; otherwise a database of its own, made at the first start. */
  private databaseSettings(): Record<string, string> {
    if (!postgres) { return {}; }
    if (!this.database) {
      const name = `e2e_${basename(this.dataDirectory).replace(/\W/g, '_').toLowerCase()}_${process.pid}`;
      execFileSync('psql', ['-h', postgres, '-U', 'postgres', '-q', '-c', `CREATE DATABASE ${name}`]);
      this.database = { Portal__Database__Provider: 'postgres', Portal__Database__ConnectionString: `Host=${postgres};Username=postgres;Database=${name}` };
    }
    return this.database;
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.process?.kill(signal);
    await this.exited;
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
  }

  async dispose(): Promise<void> {
    // A page left open asks for its portal until the browser ends.
    try {
      await Promise.allSettled(this.guests.map(context => context.close()));
    } finally {
      await this.kill('SIGKILL');
    }
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }

  /** Opens one of its pages and waits until that listens. */
  async open(page: Page, path: string): Promise<void> {
    await page.goto(this.url + path);
    await ready(page);
  }

  /** A browser of one's own, in which one is that persona, at a path. It is closed with the portal, when nobody has done it before. */
  async be(browser: Browser, persona: string, path = '/'): Promise<Page> {
    const context = await browser.newContext();
    this.guests.push(context);
    await context.addCookies([{ name: 'gp-persona', value: persona, url: this.url, httpOnly: true, sameSite: 'Strict' }]);
    const page = await context.newPage();
    await this.open(page, path);
    await expect(page.getByTestId('user-name')).toContainText(persona, { ignoreCase: true });
    return page;
  }

  /** Replaces a text of as many characters in a table of the database, behind the portal's back and past what guards it; the portal is stopped. */
  tamper(table: string, column: string, from: string, to: string): void {
    if (postgres) {
      const name = /Database=(.*)/.exec(this.databaseSettings().Portal__Database__ConnectionString)![1];
      const done = execFileSync('psql', ['-h', postgres, '-U', 'postgres', '-d', name, '-A', '-t', '-c', `SET session_replication_role = replica`,
        '-c', `UPDATE ${table} SET ${column} = replace(${column}, '${from}', '${to}') WHERE ${column} LIKE '%${from}%'`], { encoding: 'utf8' });
      if (!/UPDATE [1-9]/.test(done)) { throw new Error(`${from} is nowhere in ${table}: ${done}`); }
      return;
    }

    const file = join(this.dataDirectory, 'portal.db');
    const bytes = readFileSync(file);
    const place = bytes.indexOf(from);
    if (place < 0) { throw new Error(`${from} is not in the file.`); }
    bytes.write(to, place);
    writeFileSync(file, bytes);
  }

  /** Process ids of runners that work below this portal's data directory; those of one flow, when it is named. */
  runners(flow?: string): number[] {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.includes('Portal.Runner') && command.includes(this.dataDirectory) && (!flow || command.includes(`/${flow}-`));
      } catch {
        return false;
      }
    });
  }

  /** Runs real kubectl with the written kubeconfig; returns what it printed, throws with stderr when it fails. */
  kubectl(args: string[], input?: string, env: Record<string, string> = {}): string {
    return execFileSync('kubectl', args, {
      input,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, HOME: this.dataDirectory, KUBECONFIG: join(this.dataDirectory, 'kubeconfig'), ...env },
    });
  }
}

/** Repeats until the value is truthy; fails with the last value after the deadline. */
export async function eventually<T>(what: string, read: () => T | Promise<T>, accept: (value: T) => boolean, milliseconds = 20_000): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    let last: unknown;
    try {
      const value = await read();
      if (accept(value)) { return value; }
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) { throw new Error(`${what} did not come true in ${milliseconds} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`); }
    await new Promise(done => setTimeout(done, 100));
  }
}
