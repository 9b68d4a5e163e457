using System.Globalization;
using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>A batch as it was sent, record by record: one that is wrong does not keep out the others.</summary>
internal sealed class UsageBatchReader(TimeProvider clock, TimeSpan retention)
{
    // More than the way here takes; less is not worth correcting.
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(30);
    private const int LongestName = 256;
    private const long MostTokens = 1_000_000_000;
    private const int MostRequests = 10_000;
    private const int MostTurns = 200;
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);

    /// <exception cref="BadHttpRequestException">It is no batch.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public (List<UsageRecord> Records, List<UsageRejection> Rejected) Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
        if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("records", out var items) || items.ValueKind != JsonValueKind.Array)
        {
            throw Refused("The body must be {\"sentAt\": \"…\", \"records\": […]}.");
        }

        if (items.GetArrayLength() > UsageBatch.MaxRecords)
        {
            throw Refused($"records: at most {UsageBatch.MaxRecords} are taken at once; split the batch.");
        }

        var now = clock.GetUtcNow();
        var ahead = SkewOf(root, now);
        List<UsageRecord> records = [];
        List<UsageRejection> rejected = [];
        foreach (var (index, item) in items.EnumerateArray().Index())
        {
            var (record, field, reason) = Read(item, now, ahead);
            if (record is not null)
            {
                records.Add(record);
            }
            else
            {
                rejected.Add(new UsageRejection(index, CallIdOf(item), field, reason!));
            }
        }

        return (records, rejected);
    }

    /// <summary>How far the sender's clock is ahead of this one; it applies to the times of the records too.</summary>
    private static TimeSpan SkewOf(JsonElement root, DateTimeOffset now)
    {
        if (!root.TryGetProperty("sentAt", out var sent) || sent.ValueKind == JsonValueKind.Null)
        {
            return TimeSpan.Zero;
        }

        if (!DateTimeOffset.TryParse(TextOf(sent), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
        {
            throw Refused("sentAt must be a time such as 2030-01-02T03:04:05Z.");
        }

        return (time - now).Duration() > s_skew ? time - now : TimeSpan.Zero;
    }

    private (UsageRecord? Record, string? Field, string? Reason) Read(JsonElement item, DateTimeOffset now, TimeSpan ahead)
    {
        UsageRecord? record;
        try
        {
            record = item.Deserialize(UsageJson.Default.UsageRecord);
        }
        catch (JsonException exception)
        {
            return (null, exception.Path is { Length: > 2 } path ? path[2..] : null, exception.Path is { Length: > 2 } ? "does not have the type expected" : Missing(exception));
        }

        if (record is null)
        {
            return (null, null, "is null");
        }

        if (record.Outcome is null)
        {
            record = record with { Outcome = UsageRecord.Ok }; // it was left out
        }

        var (field, reason) = FindProblem(record);
        if (reason is not null)
        {
            return (null, field, reason);
        }

        var started = Corrected(record.StartedAt, now, ahead);
        return started < now - retention
            ? (null, "startedAt", $"is longer ago than records are kept ({retention.TotalDays:0} days)")
            : (record with { StartedAt = started }, null, null);
    }

    /// <summary>A call that began after now by any account began now.</summary>
    private static DateTimeOffset Corrected(DateTimeOffset started, DateTimeOffset now, TimeSpan ahead)
    {
        var ticks = started.UtcTicks - ahead.Ticks;
        var corrected = new DateTimeOffset(Math.Clamp(ticks, DateTimeOffset.MinValue.UtcTicks, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);
        return corrected > now ? now : corrected;
    }

    private static (string? Field, string? Reason) FindProblem(UsageRecord record)
    {
        (string Field, string? Value, bool Required)[] texts =
        [
            ("callId", record.CallId, true), ("outcome", record.Outcome, true), ("finishReason", record.FinishReason, true), ("namespace", record.Namespace, false),
            ("flow", record.Flow, false), ("prompt", record.Prompt, false), ("promptHash", record.PromptHash, false), ("provider", record.Provider, false),
            ("model", record.Model, false), ("caller", record.Caller, false), ("team", record.Team, false), ("token", record.Token, false),
            ("usage.serviceTier", record.Usage?.ServiceTier, false), ("traceId", record.TraceId, false),
        ];
        foreach (var (name, value, required) in texts)
        {
            if (required && string.IsNullOrWhiteSpace(value))
            {
                return (name, "is empty");
            }

            if (value?.Length > LongestName)
            {
                return (name, $"is longer than {LongestName} characters");
            }

            if (value?.AsSpan().ContainsAnyInRange('\0', '\x1f') == true)
            {
                return (name, "holds a control character");
            }
        }

        if (record.Source is not (null or UsageRecord.OfEval))
        {
            return ("source", $"must be \"{UsageRecord.OfEval}\" or absent");
        }

        if (record.Provider is null || record.Model is null || record.Usage is null)
        {
            return (record.Usage is null ? "usage" : record.Provider is null ? "provider" : "model", "is null");
        }

        if (record.Turns?.Count > MostTurns)
        {
            return ("turns", $"holds more than {MostTurns}");
        }

        var wrong = WrongCount("usage", record.Usage) ?? record.Turns?.Select((turn, index) => WrongCount($"turns[{index}]", turn)).FirstOrDefault(static field => field is not null);
        return wrong is not null ? (wrong, $"must be from 0 to {(wrong.EndsWith("requests", StringComparison.Ordinal) ? MostRequests : MostTokens)}")
            : record.Duration < TimeSpan.Zero ? ("durationMs", "is negative")
            : record.TimeToFirstToken < TimeSpan.Zero ? ("timeToFirstTokenMs", "is negative")
            : record.Duration > s_longest || record.TimeToFirstToken > s_longest ? (record.Duration > s_longest ? "durationMs" : "timeToFirstTokenMs", $"is more than {s_longest.TotalDays:0} days")
            : (null, null);
    }

    private static string? WrongCount(string name, TokenUsage? usage)
    {
        if (usage is null)
        {
            return name;
        }

        (string Field, long? Value)[] counts =
        [
            ("inputTokens", usage.InputTokens), ("outputTokens", usage.OutputTokens), ("cachedInputTokens", usage.CachedInputTokens),
            ("cacheWriteTokens", usage.CacheWriteTokens), ("cacheWriteHourTokens", usage.CacheWriteHourTokens), ("reasoningTokens", usage.ReasoningTokens),
            ("inputAudioTokens", usage.InputAudioTokens), ("outputAudioTokens", usage.OutputAudioTokens), ("cachedAudioTokens", usage.CachedAudioTokens),
            ("inputImageTokens", usage.InputImageTokens), ("outputImageTokens", usage.OutputImageTokens), ("requests", usage.Requests),
        ];
        var wrong = Array.Find(counts, static count => count.Value is < 0 or > MostTokens);
        return wrong.Field is not null ? $"{name}.{wrong.Field}" : usage.Requests > MostRequests ? $"{name}.requests" : null;
    }

    private static BadHttpRequestException Refused(string message) => new(message, StatusCodes.Status400BadRequest);

    private static string Missing(JsonException exception) =>
        exception.Message.Contains("missing required", StringComparison.Ordinal)
            ? $"lacks {exception.Message[(exception.Message.LastIndexOf(':') + 1)..].Trim(' ', '.').Replace("'", "", StringComparison.Ordinal)}"
            : "is not an object of the type expected";

    private static string? CallIdOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("callId", out var id) && TextOf(id) is { Length: <= LongestName } text ? text : null;

    /// <summary>Null for what is no text, also half a surrogate pair.</summary>
    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
