using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>One run of a recorded sequence of kubectl commands, in a namespace and a folder of its own.</summary>
internal sealed partial class KubectlRun(ConformanceServer server, JsonObject recording) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_begin = TimeSpan.FromMilliseconds(300);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-");
    private readonly string _namespace = "cf-" + Random.Shared.GetString("bcdfghjklmnpqrstvwxz", 8);

    /// <exception cref="StepException">A command does not print or do what was recorded.</exception>
    public async Task RunAsync()
    {
        foreach (var fixture in recording["fixtures"] as JsonArray ?? [])
        {
            await server.EnsureFixtureAsync(fixture!.ToString());
        }

        await server.Api.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = _namespace } });
        await File.WriteAllTextAsync(Inside("kubeconfig"), server.Api.Server.Kubeconfig);
        foreach (var (name, text) in recording["files"] as JsonObject ?? [])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Inside("files/" + name))!);
            await File.WriteAllTextAsync(Inside("files/" + name), Filled(text));
        }

        foreach (var step in recording["steps"]!.AsArray().Select(step => step!.AsObject()))
        {
            await StepAsync(step);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Inside(string name) => Path.Combine(_folder.FullName, name);

    private string Filled(JsonNode? text) => Template.Fill(
        text!.ToString(), new Dictionary<string, string>(StringComparer.Ordinal) { ["ns"] = _namespace, ["dir"] = Inside("files") });

    private async Task StepAsync(JsonObject step)
    {
        using var process = Start(step);
        using var limit = new CancellationTokenSource(s_patience, TimeProvider.System);
        try
        {
            if (step["stdin"] is { } input)
            {
                await process.StandardInput.WriteAsync(Filled(input));
            }

            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var result = step["during"] is JsonArray during && step["waitExit"] is null
                ? await FollowAsync(process, step, during, limit.Token)
                : await FinishAsync(process, step["during"] as JsonArray ?? [], limit.Token);
            result = result with { Error = await error };
            if (result.Normal(_namespace, Inside("files"), server.Api.Server.SecureAddress!.ToString().TrimEnd('/')).Differs(step) is { } problem)
            {
                throw new StepException($"kubectl {string.Join(' ', step["args"]!.AsArray())}: {problem}");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new StepException($"kubectl {string.Join(' ', step["args"]!.AsArray())} did not end within {s_patience}");
        }
    }

    private async Task<KubectlOutput> FinishAsync(Process process, JsonArray during, CancellationToken cancellationToken)
    {
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        if (during.Count > 0)
        {
            // So that the command is already waiting for what is done now.
            await Task.Delay(s_begin, TimeProvider.System, cancellationToken);
        }

        foreach (var step in during)
        {
            await StepAsync(step!.AsObject());
        }

        await process.WaitForExitAsync(cancellationToken);
        return new KubectlOutput(process.ExitCode, await output, "");
    }

    /// <summary>A command that does not end: read until as much came as was recorded, then stopped.</summary>
    private async Task<KubectlOutput> FollowAsync(Process process, JsonObject recorded, JsonArray during, CancellationToken cancellationToken)
    {
        var output = new StringBuilder();
        var wanted = recorded["stdout"]!.ToString().TrimEnd('\n').Split('\n').Length;
        for (var line = 0; line < wanted; line++)
        {
            output.AppendLine(await process.StandardOutput.ReadLineAsync(cancellationToken));
            if (line == wanted - during.Count - 1)
            {
                foreach (var step in during)
                {
                    await StepAsync(step!.AsObject());
                }
            }
        }

        process.Kill();
        return new KubectlOutput(null, output.ToString(), "");
    }

    private Process Start(JsonObject step)
    {
        string[] arguments = ["--kubeconfig", Inside("kubeconfig"), "--cache-dir", Inside("cache"), "-n", _namespace,
            .. step["args"]!.AsArray().Select(argument => Timeout().Replace(Filled(argument), "--timeout=3s"))];
        return Process.Start(new ProcessStartInfo("kubectl", arguments)
        {
            WorkingDirectory = Directory.CreateDirectory(Inside("files")).FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = _folder.FullName, ["TZ"] = "UTC", ["LANG"] = "C.UTF-8" },
        }) ?? throw new InvalidOperationException("kubectl did not start");
    }

    /// <summary>Time limits for a slower cluster.</summary>
    [GeneratedRegex("--timeout=30s")]
    private static partial Regex Timeout();
}
