using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>Asks a credential plugin (client.authentication.k8s.io) and keeps its answer until shortly before it expires, or until the server
/// refuses it. Many requests at once ask it once.</summary>
internal sealed class ExecCredentialSource(ExecSettings settings, TimeProvider timeProvider) : ITokenSource, IDisposable
{
    private const int MaxQuotedLength = 300;
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(60);

    /// <summary>So that a token does not expire on its way.</summary>
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1);
    private Cached? _cached;

    public async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } fresh)
        {
            return fresh;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (Fresh() is { } meanwhile)
            {
                return meanwhile;
            }

            var answer = Parse(await RunAsync(cancellationToken));
            Volatile.Write(ref _cached, answer);
            return answer.Credential;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Invalidate(Credential refused)
    {
        // Many requests may be refused for one old token: the first has it renewed, the others must not have that done again.
        if (Volatile.Read(ref _cached) is { } cached && cached.Credential == refused)
        {
            Interlocked.CompareExchange(ref _cached, null, cached);
        }
    }

    public void Dispose() => _one.Dispose();

    private Credential? Fresh() =>
        Volatile.Read(ref _cached) is { } cached && (cached.Expires is null || timeProvider.GetUtcNow() < cached.Expires - s_margin) ? cached.Credential : null;

    private async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var process = Start();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_timeLimit);
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0
                ? await output
                : throw settings.Error($"the credential plugin ended with code {process.ExitCode}{Quote(await errors)}.{Hint()}", null);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            if (cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw settings.Error($"the credential plugin gave no answer within {s_timeLimit.TotalSeconds} s.", null);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(settings.Command, settings.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = settings.Folder,
        };
        foreach (var (name, value) in settings.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject
        {
            ["kind"] = "ExecCredential",
            ["apiVersion"] = settings.ApiVersion,
            ["spec"] = Spec(),
        }.ToJsonString();
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw settings.Error($"the credential plugin '{settings.Command}' cannot be started: {exception.Message}.{Hint()}", exception);
        }
    }

    private JsonObject Spec()
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (settings.Cluster is { } cluster)
        {
            spec["cluster"] = cluster.DeepClone();
        }

        return spec;
    }

    private Cached Parse(string output)
    {
        try
        {
            var status = JsonNode.Parse(output)?["status"] as JsonObject ?? throw new FormatException("there is no status");
            var token = status["token"]?.GetValue<string>();
            var certificate = status["clientCertificateData"]?.GetValue<string>() is { } pem
                ? X509Certificate2.CreateFromPem(pem, status["clientKeyData"]?.GetValue<string>() ?? throw new FormatException("there is no status.clientKeyData"))
                : null;
            DateTimeOffset? expires = status["expirationTimestamp"]?.GetValue<string>() is not { } text ? null
                : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
                : throw new FormatException("status.expirationTimestamp is no time");
            return token is null && certificate is null
                ? throw new FormatException("there is neither status.token nor status.clientCertificateData")
                : new Cached(new Credential(token, certificate), expires);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or CryptographicException or ArgumentException)
        {
            // The output is a credential, or nearly: nothing of it is told.
            throw settings.Error($"the credential plugin's answer is not an ExecCredential{(exception is FormatException ? $": {exception.Message}" : "")}.", null);
        }
    }

    private string Hint() => settings.InstallHint is { } hint ? " " + hint.ReplaceLineEndings(" ").Trim() : "";

    private static string Quote(string errors)
    {
        var text = errors.ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? "" : $" ({(text.Length > MaxQuotedLength ? text[..MaxQuotedLength] + "…" : text)})";
    }

    private sealed record Cached(Credential Credential, DateTimeOffset? Expires);
}
