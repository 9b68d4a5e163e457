namespace Portal.Features.Flows.Logs;

/// <summary>Makes a line of structured JSON, as runners log, readable: time, level, message. Any other line stays as it is.</summary>
internal static class LogText
{
    public static string Readable(string line)
    {
        if (!line.StartsWith('{'))
        {
            return line;
        }

        try
        {
            var entry = JsonNode.Parse(line);
            var message = entry?["Message"]?.ToString();
            var exception = entry?["Exception"]?.ToString();
            return message is null ? line : $"{entry!["Timestamp"]} {entry["LogLevel"]}: {message}{(exception is null ? "" : "\n" + exception)}";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return line;
        }
    }
}
