using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Storage;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Auth;

/// <summary>
/// Writes an event for each request once it is answered: who, as whom, what, from where, with which result. Never what was sent or answered,
/// nor the query of a request to a proxied service or without good credentials. A file that cannot be written is reported in the log; requests go on.
/// </summary>
internal sealed partial class AuditLog : IDisposable
{
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private static readonly JsonWriterOptions s_json = new() { Encoder = KubernetesJson.Options.Encoder, SkipValidation = true };

    private readonly Lock _lock = new();
    private readonly AuditOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ArrayBufferWriter<byte> _line = new();
    private FileStream? _file;
    private bool _failing;

    private AuditLog(AuditOptions options, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _file = OpenFile(options.Path);
    }

    /// <exception cref="IOException">The file cannot be opened; the message is one line for people.</exception>
    public static AuditLog Open(AuditOptions options, TimeProvider timeProvider, ILogger logger)
    {
        try
        {
            return new AuditLog(options, timeProvider, logger);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"The audit log {options.Path} cannot be written: {problem.Message}", problem);
        }
    }

    /// <summary>Gives the request the id its event will have.</summary>
    public static Guid Begin(HttpContext http)
    {
        var id = Guid.NewGuid();
        http.Response.Headers["Audit-Id"] = id.ToString();
        return id;
    }

    public void Write(Guid id, DateTimeOffset received, HttpContext http, Caller caller, ApiException? refusal)
    {
        lock (_lock)
        {
            try
            {
                _line.ResetWrittenCount();
                using (var writer = new Utf8JsonWriter(_line, s_json))
                {
                    WriteEvent(writer, id, received, http, caller, refusal);
                }

                _line.Write("\n"u8);
                Rotate(_line.WrittenCount);
                _file ??= OpenFile(_options.Path);
                _file.Write(_line.WrittenSpan);
                _file.Flush();
                _failing = false;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                if (!_failing)
                {
                    Log.NotWritten(_logger, _options.Path, problem.Message);
                }

                _failing = true;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void WriteEvent(Utf8JsonWriter writer, Guid id, DateTimeOffset received, HttpContext http, Caller caller, ApiException? refusal)
    {
        var request = caller.Request;
        writer.WriteStartObject();
        writer.WriteString("kind", "Event");
        writer.WriteString("apiVersion", "audit.k8s.io/v1");
        writer.WriteString("level", "Metadata");
        writer.WriteString("auditID", id);
        writer.WriteString("stage", "ResponseComplete");
        // What a stranger put into the query may be the token that belongs into a header.
        var withQuery = request.Subresource != "proxy" && caller.Authenticated is not null;
        writer.WriteString("requestURI", http.Request.Path.ToUriComponent() + (withQuery ? http.Request.QueryString.ToString() : ""));
        writer.WriteString("verb", request.Verb);
        WriteUser(writer, "user", caller.Authenticated);
        WriteUser(writer, "impersonatedUser", caller.Impersonated);
        if (http.Connection.RemoteIpAddress is { } address)
        {
            writer.WriteStartArray("sourceIPs");
            writer.WriteStringValue(address.ToString());
            writer.WriteEndArray();
        }

        writer.WriteString("userAgent", http.Request.Headers.UserAgent.ToString());
        WriteObject(writer, request, caller.CreatedName);
        WriteStatus(writer, http, refusal);
        writer.WriteString("requestReceivedTimestamp", received.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture));
        writer.WriteString("stageTimestamp", _timeProvider.GetUtcNow().UtcDateTime.ToString(Time, CultureInfo.InvariantCulture));
        if (caller.Decision is var (allowed, reason))
        {
            writer.WriteStartObject("annotations");
            writer.WriteString("authorization.k8s.io/decision", allowed ? "allow" : "forbid");
            writer.WriteString("authorization.k8s.io/reason", reason);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter writer, string name, UserInfo? user)
    {
        if (user is not null || name == "user")
        {
            writer.WritePropertyName(name);
            (user?.ToJson() ?? []).WriteTo(writer);
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, RequestAttributes request, string createdName)
    {
        if (!request.IsResource)
        {
            return;
        }

        writer.WriteStartObject("objectRef");
        WriteText(writer, "resource", request.Resource);
        WriteText(writer, "namespace", request.Namespace);
        WriteText(writer, "name", request.Name.Length > 0 ? request.Name : createdName);
        WriteText(writer, "apiGroup", request.Group);
        WriteText(writer, "apiVersion", request.Version);
        WriteText(writer, "subresource", request.Subresource);
        writer.WriteEndObject();
    }

    private static void WriteStatus(Utf8JsonWriter writer, HttpContext http, ApiException? refusal)
    {
        if (!http.Response.HasStarted)
        {
            // The client left before there was an answer.
            return;
        }

        writer.WriteStartObject("responseStatus");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        if (refusal is not null)
        {
            // Without the message: it may repeat what was sent.
            writer.WriteString("status", "Failure");
            WriteText(writer, "reason", refusal.Reason ?? "");
        }

        writer.WriteNumber("code", http.Response.StatusCode);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string value)
    {
        if (value.Length > 0)
        {
            writer.WriteString(name, value);
        }
    }

    private void Rotate(int coming)
    {
        if (_file is null || _file.Length == 0 || _file.Length + coming <= _options.MaxBytes)
        {
            return;
        }

        _file.Dispose();
        _file = null;
        var (folder, name, extension) = (
            Path.GetDirectoryName(Path.GetFullPath(_options.Path))!, Path.GetFileNameWithoutExtension(_options.Path), Path.GetExtension(_options.Path));
        var stamp = _timeProvider.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH-mm-ss.fffffff", CultureInfo.InvariantCulture);
        var closed = Path.Combine(folder, $"{name}-{stamp}{extension}");
        for (var i = 1; File.Exists(closed); i++)
        {
            closed = Path.Combine(folder, $"{name}-{stamp}-{i:D4}{extension}");
        }

        File.Move(_options.Path, closed);
        foreach (var old in Directory.GetFiles(folder, $"{name}-????-??-??T*{extension}").OrderDescending(StringComparer.Ordinal).Skip(_options.MaxBackups))
        {
            File.Delete(old);
        }
    }

    private static FileStream OpenFile(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            PrivateFile.CreateDirectory(folder);
        }

        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The audit log {Path} cannot be written: {Reason}")]
        public static partial void NotWritten(ILogger logger, string path, string reason);
    }
}
