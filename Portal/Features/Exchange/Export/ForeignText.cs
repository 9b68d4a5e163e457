using System.Text;
using Portal.Dotprompt.Documents;
using Portal.Features.Exchange.Formats;

namespace Portal.Features.Exchange.Export;

/// <summary>Parts of a message as text with <c>{{variables}}</c>, noting what such text cannot say.</summary>
internal static class ForeignText
{
    /// <param name="parts">Of one message, without media.</param>
    /// <param name="field">Where they go.</param>
    /// <param name="partial">How the other product refers to another prompt; null where it cannot.</param>
    /// <param name="notes">Gets what is lost.</param>
    public static string Write(IEnumerable<PlainPart> parts, string field, Func<string, string>? partial, List<MappingNote> notes)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            switch (part)
            {
                case PlainText plain:
                    if (TemplateText.Read(plain.Text).Any(piece => piece is PlainVariable))
                    {
                        notes.Add(new MappingNote(NoteKind.Warning, field, "Braces that are text here are a variable there."));
                    }

                    text.Append(plain.Text);
                    break;
                case PlainVariable variable:
                    text.Append("{{").Append(variable.Name).Append("}}");
                    break;
                case PlainPartial reference when partial is not null:
                    text.Append(partial(reference.Name));
                    break;
                case PlainPartial reference:
                    text.Append("{{>").Append(reference.Name).Append("}}");
                    notes.Add(new MappingNote(NoteKind.Lost, field, $"The partial {reference.Name} stands as written: put its text there."));
                    break;
                case PlainMedia:
                    notes.Add(new MappingNote(NoteKind.Lost, field, "Media ({{media}}) have no counterpart."));
                    break;
                case PlainOther other:
                    text.Append(other.Source);
                    notes.Add(new MappingNote(NoteKind.Lost, field, $"{char.ToUpperInvariant(other.What[0])}{other.What[1..]} stands as written: it is not understood there."));
                    break;
            }
        }

        return text.ToString();
    }
}
