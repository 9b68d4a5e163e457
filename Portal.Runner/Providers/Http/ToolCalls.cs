using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>The tool calls of one answer, put together from the pieces a stream brings.</summary>
internal sealed class ToolCalls(ProviderFailures failures, ToolRefs refs)
{
    private readonly List<Call> _open = [];

    /// <summary>Adds a piece. Some servers leave out the index or give every call the same: another id opens another call.</summary>
    /// <param name="index">The vendor's number of the call; null continues the last.</param>
    /// <param name="id">Null or empty on all pieces but the first, and with some servers on that too.</param>
    /// <param name="name">The tool; some servers repeat it.</param>
    /// <param name="arguments">Part of the arguments' JSON text.</param>
    public void Add(long? index, string? id, string? name, string? arguments)
    {
        var call = index is null ? _open.LastOrDefault() : _open.FindLast(item => item.Index == index);
        if (call is null || (id is { Length: > 0 } && call.Id is { Length: > 0 } && id != call.Id))
        {
            call = new Call { Index = index };
            _open.Add(call);
        }

        call.Id = id is { Length: > 0 } ? id : call.Id;
        call.Name = call.Name is { Length: > 0 } ? call.Name : name;
        call.Arguments.Append(arguments);
    }

    /// <summary>Adds to the arguments of a call that was begun; a piece of anything else is passed over.</summary>
    public void Append(long index, string arguments) => _open.FindLast(item => item.Index == index)?.Arguments.Append(arguments);

    /// <summary>The calls, now whole, in order.</summary>
    /// <exception cref="GenkitException">The arguments of one are not JSON, or it names no tool.</exception>
    public IReadOnlyList<Part> EndAll(string? finishReason)
    {
        if (_open.Count == 0)
        {
            return [];
        }

        Part[] parts = [.. _open.Select(call => Whole(call, finishReason))];
        _open.Clear();
        return parts;
    }

    private ToolRequestPart Whole(Call call, string? finishReason)
    {
        if (call.Name is not { Length: > 0 } name)
        {
            throw failures.Garbage("a tool call with a name");
        }

        return new ToolRequestPart(name, call.Id is { Length: > 0 } id ? id : refs.Next(), Parse(name, call.Arguments.ToString(), finishReason));
    }

    private JsonNode? Parse(string name, string arguments, string? finishReason)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            return new JsonObject();
        }

        try
        {
            return JsonNode.Parse(arguments, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw finishReason == "length" ? failures.ToolCallCutOff(name, exception) : failures.BadArguments(name, exception);
        }
    }

    private sealed class Call
    {
        public long? Index { get; init; }
        public string? Id { get; set; }
        public string? Name { get; set; }
        public StringBuilder Arguments { get; } = new();
    }
}
