import { ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const runnerDll = process.env.RUNNER_DLL ?? resolve(__dirname, '../../Portal.Runner/bin/Debug/net10.0/Portal.Runner.dll');

/** A runner process over a folder of contract files, which is gone afterwards. */
export class Runner {
  readonly folder = mkdtempSync(join(tmpdir(), 'genkit-runner-e2e-'));
  readonly root = join(this.folder, 'genkit');
  url = '';
  output = '';
  private process?: ChildProcess;

  /** Writes a file of the contract, or of the project the runner belongs to when its path begins with a slash. */
  write(path: string, text: string): this {
    const file = path.startsWith('/') ? join(this.folder, path) : join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return this;
  }

  /** Starts and waits for the URL line; the runner's working directory is the project. */
  async start(env: Record<string, string> = {}): Promise<void> {
    this.output = '';
    const child = spawn('dotnet', [runnerDll, '--root', this.root, '--port', '0', '--host', '127.0.0.1'], {
      cwd: this.folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    await new Promise<void>((started, failed) => {
      const read = (data: Buffer) => {
        this.output += data.toString();
        const match = /Listening on (http:\/\/\S+)/.exec(this.output);
        if (match) { this.url = match[1]; started(); }
      };
      child.stdout!.on('data', read);
      child.stderr!.on('data', read);
      child.once('exit', code => failed(new Error(`The runner ended with ${code}:\n${this.output}`)));
    });
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (child && child.exitCode === null) {
      await new Promise(done => { child.once('exit', done); child.kill('SIGTERM'); });
    }
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
