using System.Text.RegularExpressions;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>What a kubectl command printed, without what differs from run to run, and its comparison with the recording.</summary>
internal sealed partial record KubectlOutput(int? Exit, string Output, string Error)
{
    /// <summary>The same with placeholders for names, addresses, times, ages and versions.</summary>
    public KubectlOutput Normal(string @namespace, string folder, string server)
    {
        return new KubectlOutput(Exit, Clean(Output), Clean(Error));

        string Clean(string text)
        {
            foreach (var (own, placeholder) in (ReadOnlySpan<(string, string)>)[(@namespace, "<ns>"), (folder, "<dir>"), (server, "<server>")])
            {
                text = text.Replace(own, placeholder, StringComparison.Ordinal);
            }

            text = LongTime().Replace(Time().Replace(Uid().Replace(text, "<uid>"), "<time>"), "<time>");
            text = ObjectVersion().Replace(text, "$1<rv>");
            text = Age().Replace(text, "<age>");
            text = LiveFile().Replace(Blanks().Replace(text, "  "), "/tmp/$1-<n>");
            var lines = DiffCommand().Replace(text, "$1").ReplaceLineEndings("\n").Split('\n');
            return string.Join('\n', lines.Select(line => line.TrimEnd())).TrimEnd('\n');
        }
    }

    /// <summary>Null when this is what was recorded, else the first difference.</summary>
    public string? Differs(JsonObject step)
    {
        if (step["exit"]?.GetValue<int>() is var exit && exit != Exit)
        {
            return $"expected exit code {exit}, got {Exit}: {Error}";
        }

        var rules = step["compare"] as JsonObject ?? [];
        return Text("stdout", Output, step, rules) ?? Text("stderr", Error, step, rules);
    }

    private static string? Text(string name, string actual, JsonObject step, JsonObject rules)
    {
        var recorded = step[name]!.ToString();
        var (expected, got) = (Lines(recorded), Lines(actual));
        switch (rules[name]?.ToString())
        {
            case "ignore":
                return null;
            case "json":
                return Comparison.Bodies(JsonNode.Parse(recorded), JsonNode.Parse(actual), rules, new Tokens()) is { } problem ? $"{name}: {problem}" : null;
            case "contains":
                var wanted = (rules["lines"] as JsonArray)?.Select(line => line!.ToString()) ?? expected;
                var missing = wanted.FirstOrDefault(line => !got.Contains(line));
                return missing is null ? null : $"{name}: the line \"{missing}\" is missing: {actual}";
            default:
                var index = expected.Zip(got).TakeWhile(pair => pair.First == pair.Second).Count();
                return index == expected.Count && index == got.Count
                    ? null
                    : $"{name} line {index + 1}: expected \"{expected.ElementAtOrDefault(index)}\", got \"{got.ElementAtOrDefault(index)}\"";
        }
    }

    private static List<string> Lines(string text) => text.Length == 0 ? [] : [.. text.TrimEnd('\n').Split('\n')];

    [GeneratedRegex(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\b" + Tokens.Time)]
    private static partial Regex Time();

    [GeneratedRegex(@"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")]
    private static partial Regex LongTime();

    [GeneratedRegex("(resourceVersion\"?:\\s*\"?|Resource Version:\\s+)\\d+")]
    private static partial Regex ObjectVersion();

    [GeneratedRegex(@"((?<=[ \t(])|^)(?:\d+[ydhms])+(?=\s|$|\))", RegexOptions.Multiline)]
    private static partial Regex Age();

    [GeneratedRegex(@"/tmp/(LIVE|MERGED)-\d+")]
    private static partial Regex LiveFile();

    [GeneratedRegex(@"[ \t]{2,}")]
    private static partial Regex Blanks();

    [GeneratedRegex("^(diff -u).*$", RegexOptions.Multiline)]
    private static partial Regex DiffCommand();
}
