using Portal.Dotprompt.Templates;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Documents;

/// <summary>A piece of a message as simple template languages know it.</summary>
public abstract record PlainPart;

public sealed record PlainText(string Text) : PlainPart;

/// <summary>A variable by its name, without path or helper.</summary>
public sealed record PlainVariable(string Name) : PlainPart;

/// <param name="Url">The address, or null when <paramref name="Variable"/> holds it.</param>
/// <param name="Variable">The variable with the address.</param>
/// <param name="ContentType">MIME type, or null.</param>
public sealed record PlainMedia(string? Url, string? Variable, string? ContentType) : PlainPart;

public sealed record PlainPartial(string Name) : PlainPart;

/// <summary>What only Handlebars can say.</summary>
/// <param name="Source">As written.</param>
/// <param name="What">In words, such as <c>a condition or loop (#if)</c>.</param>
public sealed record PlainOther(string Source, string What) : PlainPart;

/// <param name="Role"><c>system</c>, <c>user</c> or <c>model</c>; null stands for the place of the conversation so far.</param>
public sealed record PlainMessage(string? Role, IReadOnlyList<PlainPart> Parts);

/// <summary>
/// A template as messages of text and variables: what other products' prompts consist of. White space that tags take away is gone, and white space at both
/// ends of a message too. What cannot be said so is there as written, as <see cref="PlainOther"/>.
/// </summary>
public static class PlainTemplate
{
    public static IReadOnlyList<PlainMessage> Of(DotpromptDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var messages = new List<PlainMessage>();
        var (role, parts) = ("user", new List<PlainPart>());
        foreach (var statement in document.Compiled.Body.Statements)
        {
            switch (statement)
            {
                case MustacheStatement { Call: { Helper.Kind: HelperKind.Role, Parameters: [LiteralExpression { Value: string next }] } }:
                    Finish();
                    role = next;
                    break;
                case MustacheStatement { Call.Helper.Kind: HelperKind.History }:
                    Finish();
                    messages.Add(new PlainMessage(null, []));
                    role = "model";
                    break;
                case CommentStatement:
                    break;
                default:
                    parts.Add(PartOf(statement, document.Template));
                    break;
            }
        }

        Finish();
        return messages;

        void Finish()
        {
            if (Trim(parts) is { Count: > 0 } trimmed)
            {
                messages.Add(new PlainMessage(role, trimmed));
            }

            parts.Clear();
        }
    }

    private static PlainPart PartOf(Statement statement, string template) => statement switch
    {
        ContentStatement content => new PlainText(content.Value),
        MustacheStatement { Call: { HasArguments: false, Helper: null, Target: PathExpression { IsData: false, Depth: 0, Parts: [var name] } } } => new PlainVariable(name),
        MustacheStatement { Call: { Helper.Kind: HelperKind.Media } call } when MediaOf(call) is { } media => media,
        PartialStatement { Call: { HasArguments: false, IsSimple: true } call } => new PlainPartial(call.Name),
        _ => new PlainOther(template[statement.Start..statement.End], WordsFor(statement)),
    };

    private static PlainMedia? MediaOf(Call call)
    {
        var type = (call.Named("contentType") as LiteralExpression)?.Value as string;
        return call.Named("contentType") is not null && type is null ? null : call.Named("url") switch
        {
            LiteralExpression { Value: string url } => new PlainMedia(url, null, type),
            PathExpression { IsData: false, Depth: 0, Parts: [var name] } => new PlainMedia(null, name, type),
            _ => null,
        };
    }

    private static string WordsFor(Statement statement) => statement switch
    {
        BlockStatement { Kind: BlockKind.Block } block => $"a condition or loop (#{block.Call.Name})",
        BlockStatement => "a block",
        PartialStatement => "a partial with arguments",
        MustacheStatement { Call: { Helper: { } helper } } => $"the helper {helper.Name}",
        MustacheStatement { Call.Target: PathExpression { IsData: true } } => "a value of the context (@…)",
        _ => "a path into a value",
    };

    private static List<PlainPart> Trim(List<PlainPart> parts)
    {
        var result = Join(parts);
        if (result is [PlainText first, ..])
        {
            result[0] = new PlainText(first.Text[JsText.TrimBounds(first.Text, 0, first.Text.Length).Start..]);
        }

        if (result is [.., PlainText last])
        {
            result[^1] = new PlainText(last.Text[..JsText.TrimBounds(last.Text, 0, last.Text.Length).End]);
        }

        result.RemoveAll(static part => part is PlainText { Text.Length: 0 });
        return result;
    }

    /// <summary>Comments and escapes cut text into pieces; a reader sees one.</summary>
    private static List<PlainPart> Join(List<PlainPart> parts)
    {
        var result = new List<PlainPart>();
        foreach (var part in parts)
        {
            if (part is PlainText text && result is [.., PlainText before])
            {
                result[^1] = new PlainText(before.Text + text.Text);
            }
            else
            {
                result.Add(part);
            }
        }

        return result;
    }
}
