using Portal.Dotprompt;
using Portal.Dotprompt.Messages;

namespace Portal.Runner.Flows;

/// <summary>
/// The conversation of an interrupted call, as its caller sends it back in <c>init.messages</c>: the <c>messages</c> of the answer and one more, of the
/// role <c>tool</c>, with an answer to each request that was left to the caller.
/// </summary>
internal static class CallerAnswers
{
    private const string Field = "init.messages";

    /// <summary>The conversation with one answer for each request, in their order; empty when the caller sent none.</summary>
    /// <param name="init">What came beside <c>data</c>.</param>
    /// <param name="route">The flow that is called.</param>
    /// <exception cref="RequestRefusedException">It is none that this flow can go on with (400).</exception>
    public static IReadOnlyList<Message> Read(JsonNode? init, FlowRoute route)
    {
        if ((init as JsonObject)?["messages"] is not { } sent)
        {
            return [];
        }

        var messages = Parse(sent);
        if (messages is not [.., { Role: "model" } asked, { Role: "tool" } answered] || asked.Content.OfType<ToolRequestPart>().ToList() is not { Count: > 0 } requests)
        {
            throw Refuse("it must end with a message of the model that holds tool requests, and a message of the role tool that answers them");
        }

        var answers = answered.Content.OfType<ToolResponsePart>().ToList();
        Part[] complete = [.. requests.Select(request => AnswerTo(request, answers, route))];
        return answers is [var stray, ..]
            ? throw Refuse($"nobody asked for the answer of \"{stray.Name}\" (ref \"{stray.Ref}\")")
            : [.. messages.SkipLast(1), answered with { Content = complete }];
    }

    private static List<Message> Parse(JsonNode sent)
    {
        try
        {
            var messages = sent.Deserialize<List<Message>>(DotpromptJson.Options) ?? [];
            return messages.TrueForAll(static message => message?.Role is "user" or "model" or "tool" && message.Content.All(static part => part is not null))
                ? messages
                : throw Refuse("the roles of its messages are user, model and tool"); // what the system says is the prompt's alone
        }
        catch (JsonException exception)
        {
            throw Refuse(exception.Message);
        }
    }

    /// <summary>Takes the answer out of those that are left; tools that answered before the interruption have theirs beside the request.</summary>
    private static ToolResponsePart AnswerTo(ToolRequestPart request, List<ToolResponsePart> answers, FlowRoute route)
    {
        var index = answers.FindIndex(answer => answer.Name == request.Name && (answer.Ref ?? "") == (request.Ref ?? ""));
        if (index < 0)
        {
            return request.Metadata?.TryGetPropertyValue("pendingOutput", out var known) == true
                ? new ToolResponsePart(request.Name, request.Ref, known?.DeepClone())
                : throw Refuse($"the request for \"{request.Name}\" (ref \"{request.Ref}\") has no answer");
        }

        if (!route.LeavesToCaller(request.Name))
        {
            throw Refuse($"\"{request.Name}\" is not answered by the caller");
        }

        var answer = answers[index];
        answers.RemoveAt(index);
        return answer;
    }

    private static RequestRefusedException Refuse(string why) => new(StatusCodes.Status400BadRequest, $"{Field}: {why}.");
}
