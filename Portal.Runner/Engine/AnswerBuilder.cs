using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers;

namespace Portal.Runner.Engine;

/// <summary>
/// Puts a model's message together from its chunks, parts in the order they came. Adjacent pieces of text, and of reasoning, become one part;
/// metadata (such as a signature that the vendor wants back) ends a part.
/// </summary>
internal sealed class AnswerBuilder
{
    private readonly List<Part> _parts = [];
    private readonly StringBuilder _open = new();
    private Part? _kind;

    public string FinishReason { get; private set; } = "unknown";
    public TokenUsage? Usage { get; private set; }

    public void Add(ModelChunk chunk)
    {
        foreach (var part in chunk.Content)
        {
            switch (part)
            {
                case TextPart text:
                    Append(part, text.Text);
                    break;
                case ReasoningPart reasoning:
                    Append(part, reasoning.Text);
                    break;
                default:
                    Close(null);
                    _parts.Add(part);
                    break;
            }
        }

        FinishReason = chunk.FinishReason ?? FinishReason;
        Usage = chunk.Usage ?? Usage;
    }

    public Message ToMessage()
    {
        Close(null);
        return new Message("model", _parts.Count > 0 ? [.. _parts] : [new TextPart("")]);
    }

    private void Append(Part part, string text)
    {
        if (_kind is not null && _kind.GetType() != part.GetType())
        {
            Close(null);
        }

        _kind = part;
        _open.Append(text);
        if (part.Metadata is { } metadata)
        {
            Close(metadata);
        }
    }

    private void Close(JsonObject? metadata)
    {
        if (_kind is not null)
        {
            Part whole = _kind is TextPart ? new TextPart(_open.ToString()) : new ReasoningPart(_open.ToString());
            _parts.Add(whole with { Metadata = metadata });
        }

        _kind = null;
        _open.Clear();
    }
}
