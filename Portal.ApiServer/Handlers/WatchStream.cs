using System.Globalization;
using Portal.ApiServer.Storage;
using Portal.ApiServer.Tables;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Handlers;

/// <summary>
/// One watch: initial objects or history, then events as they are committed, filtered by the selection. The stream ends when the time asked for
/// is over, the server stops, the resource goes away, or the client falls too far behind.
/// </summary>
internal sealed class WatchStream(ApiCall call, ServerContext server)
{
    private static readonly TimeSpan s_defaultTimeout = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan s_bookmarkPeriod = TimeSpan.FromMinutes(1);

    private readonly Target _target = call.Target;
    private readonly Selection _selection = Selection.Parse(call.Target, call.Query("labelSelector"), call.Query("fieldSelector"));
    private readonly ResponseShape _shape = call.Shape(watch: true);
    private readonly bool _bookmarks = call.Flag("allowWatchBookmarks");
    private bool _columnsSent;

    public async Task RunAsync()
    {
        var after = ReadVersion();
        var initialEnd = WantsInitialEnd();
        var timeout = call.Number("timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400)) : s_defaultTimeout;
        using var deadline = new CancellationTokenSource(timeout, server.TimeProvider);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, call.Aborted, server.Stopping);
        call.Http.Response.ContentType = MediaType.Json;
        try
        {
            await RunAsync(after, initialEnd, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The time is over or a side left: a watch just ends.
        }

        if (_bookmarks && deadline.IsCancellationRequested && !call.Aborted.IsCancellationRequested)
        {
            WriteBookmark(_position, null);
            await FlushAsync();
        }
    }

    /// <summary>Everything up to this revision has been sent.</summary>
    private long _position;

    private async Task RunAsync(long? after, bool initialEnd, CancellationToken cancellationToken)
    {
        var resource = _target.Resource;
        WatchHub.Subscription next;
        if (after is null)
        {
            var (snapshot, subscription) = server.Log.WatchFromNow(resource.StorageKey, _target.Namespace);
            next = subscription;
            _position = snapshot.Revision;
            WriteInitial(snapshot, initialEnd);
        }
        else
        {
            IReadOnlyList<Revision> backlog;
            try
            {
                (backlog, next) = server.Log.WatchFrom(resource.StorageKey, after.Value);
            }
            catch (HistoryExpiredException problem)
            {
                WriteEvent("ERROR", ApiException.Expired(problem.Message).ToStatus());
                await FlushAsync();
                return;
            }

            _position = after.Value;
            foreach (var revision in backlog)
            {
                WriteRevision(revision);
            }
        }

        using (next)
        {
            await FlushAsync();
            await FollowAsync(next, cancellationToken);
        }
    }

    private async Task FollowAsync(WatchHub.Subscription next, CancellationToken cancellationToken)
    {
        using var bookmarks = new PeriodicTimer(s_bookmarkPeriod, server.TimeProvider);
        var tick = bookmarks.WaitForNextTickAsync(cancellationToken).AsTask();
        while (true)
        {
            var ready = next.Reader.WaitToReadAsync(cancellationToken).AsTask();
            while (await Task.WhenAny(ready, tick) == tick)
            {
                await tick;
                tick = bookmarks.WaitForNextTickAsync(cancellationToken).AsTask();
                BookmarkWhenIdle(next);
                await FlushAsync();
            }

            if (!await ready)
            {
                return;
            }

            while (next.Reader.TryRead(out var revision))
            {
                WriteRevision(revision);
            }

            await FlushAsync();
        }
    }

    /// <summary>Every event of a revision is in the queue before the log shows the revision, so an empty queue means all up to it was sent.</summary>
    private void BookmarkWhenIdle(WatchHub.Subscription next)
    {
        var revision = server.Log.DeliveredRevision;
        if (_bookmarks && next.Reader.Count == 0)
        {
            _position = Math.Max(_position, revision);
            WriteBookmark(_position, null);
        }
    }

    private void WriteInitial(ResourceSnapshot snapshot, bool initialEnd)
    {
        foreach (var stored in snapshot.Objects.Where(_selection.Includes))
        {
            WriteObject("ADDED", stored);
        }

        if (initialEnd)
        {
            WriteBookmark(snapshot.Revision, new JsonObject { ["k8s.io/initial-events-end"] = "true" });
        }
    }

    private void WriteRevision(Revision revision)
    {
        _position = revision.Number;
        var before = revision.Previous is not null && _selection.Includes(revision.Previous);
        var now = revision.Operation != RevisionOperation.Deleted && _selection.Includes(revision.Object);
        if (now)
        {
            WriteObject(before ? "MODIFIED" : "ADDED", revision.Object);
        }
        else if (revision.Operation == RevisionOperation.Deleted && (before || revision.Previous is null) && _selection.Includes(revision.Object))
        {
            WriteObject("DELETED", revision.Object);
        }
        else if (before)
        {
            // The object left the selection: its old content, at the revision it left.
            var json = (JsonObject)_target.Resource.Present(revision.Previous!).Json.DeepClone();
            Metadata.Of(json)["resourceVersion"] = Metadata.Format(revision.Number);
            WriteEvent("DELETED", Shape(json));
        }
    }

    private void WriteObject(string type, StoredObject stored)
    {
        var presented = _target.Resource.Present(stored);
        if (_shape == ResponseShape.Object)
        {
            WriteLine(type, presented.Utf8);
            return;
        }

        WriteEvent(type, Shape(presented.Json));
    }

    /// <summary>Copies what is encoded already: every watch of an object sends the same bytes.</summary>
    private void WriteLine(string type, byte[] encoded)
    {
        var body = call.Http.Response.BodyWriter;
        body.Write(type switch
        {
            "ADDED" => """{"type":"ADDED","object":"""u8,
            "MODIFIED" => """{"type":"MODIFIED","object":"""u8,
            _ => """{"type":"DELETED","object":"""u8,
        });
        body.Write(encoded);
        body.Write("}\n"u8);
    }

    private void WriteBookmark(long revision, JsonObject? annotations)
    {
        var definition = _target.Resource.Definition;
        var metadata = new JsonObject { ["resourceVersion"] = Metadata.Format(revision), ["creationTimestamp"] = null };
        if (annotations is not null)
        {
            metadata["annotations"] = annotations;
        }

        var json = new JsonObject { ["kind"] = definition.Kind, ["apiVersion"] = definition.ApiVersion, ["metadata"] = metadata };
        WriteEvent("BOOKMARK", Shape(json));
    }

    private JsonObject Shape(JsonObject json)
    {
        switch (_shape)
        {
            case ResponseShape.Table:
                var table = _target.Resource.Table.ToTable([json], json["metadata"] as JsonObject, Answer.Include(call), server.Now, withColumns: !_columnsSent);
                _columnsSent = true;
                return table;
            case ResponseShape.PartialMetadata:
                return PartialMetadata.Of(json);
            default:
                return json;
        }
    }

    private void WriteEvent(string type, JsonObject json)
    {
        using var writer = new Utf8JsonWriter(
            call.Http.Response.BodyWriter, new JsonWriterOptions { SkipValidation = true, Encoder = KubernetesJson.Options.Encoder });
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WritePropertyName("object");
        json.WriteTo(writer, KubernetesJson.Options);
        writer.WriteEndObject();
        writer.Flush();
        EndLine();
    }

    private void EndLine()
    {
        var body = call.Http.Response.BodyWriter;
        body.GetSpan(1)[0] = (byte)'\n';
        body.Advance(1);
    }

    // Not cancelled by the deadline: an event that is half written would break the stream.
    private async Task FlushAsync() => await call.Http.Response.BodyWriter.FlushAsync(call.Aborted);

    private long? ReadVersion()
    {
        var text = call.Query("resourceVersion");
        if (text is null or "" or "0")
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? InitialEvents ? null : revision
            : throw ApiException.BadRequest($"invalid resource version: resourceVersion: Invalid value: \"{text}\": must be a number");
    }

    private bool InitialEvents => call.Flag("sendInitialEvents");

    private bool WantsInitialEnd()
    {
        var match = call.Query("resourceVersionMatch") ?? "";
        if (call.Query("sendInitialEvents") is null)
        {
            return match.Length == 0
                ? false
                : throw ListOptions("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }

        if (match != "NotOlderThan")
        {
            throw ListOptions("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        return InitialEvents && _bookmarks;
    }

    private static ApiException ListOptions(string field, string why) =>
        ApiException.Invalid("meta.k8s.io", "ListOptions", "", [Schemas.FieldError.Forbidden(field, why)]);
}
