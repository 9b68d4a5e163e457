using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;

namespace Portal.Dotprompt.Editing;

/// <summary>
/// Pins partials to revisions: the calls in the template name the revision (<c>{{> style@3}}</c>), and its text stands in the frontmatter under
/// <c>partials</c>, so that whoever runs the document needs nothing else and a newer revision changes nothing until the pin is changed.
/// </summary>
public static class PartialPins
{
    private static readonly IReadOnlyList<string> s_path = ["partials"];

    /// <summary>The pins a document calls, each once, in the order of first use.</summary>
    public static IReadOnlyList<PartialPin> Of(DotpromptDocument document) => [.. CallsOf(document).Select(call => PartialPin.Read(call.Name)).OfType<PartialPin>().Distinct()];

    /// <summary>Makes calls of <paramref name="name"/>, which may be a pin itself, calls of a pin, and brings its text along.</summary>
    public static FieldEdit Pin(DotpromptDocument document, string name, PartialPin pin, PartialRevision revision)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(pin);
        ArgumentNullException.ThrowIfNull(revision);
        var edits = CallsOf(document).Where(call => call.Name == name && name != pin.ToString()).Select(call => new TextEdit(call.Start, call.Start + call.Name.Length, pin.ToString()));
        var texts = revision.Partials.Append(KeyValuePair.Create(pin.ToString(), revision.Text));
        return Brought(document, DotpromptDocument.Parse(TextEdit.Apply(document.Source, edits)), texts);
    }

    /// <summary>Changes all pins of a partial to one revision.</summary>
    public static FieldEdit Upgrade(DotpromptDocument document, PartialPin pin, PartialRevision revision)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(pin);
        ArgumentNullException.ThrowIfNull(revision);
        var edits = CallsOf(document).Where(call => PartialPin.Read(call.Name) is { } old && old.Name == pin.Name && old != pin)
            .Select(call => new TextEdit(call.Start, call.Start + call.Name.Length, pin.ToString()));
        return Brought(document, DotpromptDocument.Parse(TextEdit.Apply(document.Source, edits)), revision.Partials.Append(KeyValuePair.Create(pin.ToString(), revision.Text)));
    }

    /// <summary>Texts that nothing calls.</summary>
    public static IReadOnlyList<string> Unused(DotpromptDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(CallsOf(document).Select(call => call.Name));
        while (open.TryPop(out var name))
        {
            if (reached.Add(name) && document.Partials.TryGetValue(name, out var text))
            {
                CallsOf(DotpromptDocument.Parse(text)).ForEach(call => open.Push(call.Name));
            }
        }

        return [.. document.Partials.Keys.Where(name => !reached.Contains(name))];
    }

    /// <summary>Takes the texts out that nothing calls.</summary>
    public static FieldEdit Prune(DotpromptDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Brought(document, document, []);
    }

    private static FieldEdit Brought(DotpromptDocument before, DotpromptDocument now, IEnumerable<KeyValuePair<string, string>> texts)
    {
        // Those that are new come first, so that what only they call is called.
        foreach (var (name, text) in texts)
        {
            if (now.Partials.GetValueOrDefault(name) != text && !TryStep(ref now, FrontmatterForm.Set(now, [.. s_path, name], JsonValue.Create(text)), out var refusal))
            {
                return FieldEdit.Refused(refusal);
            }
        }

        foreach (var name in Unused(now))
        {
            if (!TryStep(ref now, FrontmatterForm.Remove(now, [.. s_path, name]), out var refusal))
            {
                return FieldEdit.Refused(refusal);
            }
        }

        return new FieldEdit(before.Source == now.Source ? [] : [TextEdit.Between(before.Source, now.Source)], null);
    }

    private static bool TryStep(ref DotpromptDocument now, FieldEdit edit, out string refusal)
    {
        refusal = edit.Refusal ?? "";
        now = edit.Refusal is null ? DotpromptDocument.Parse(TextEdit.Apply(now.Source, edit.Edits)) : now;
        return edit.Refusal is null;
    }

    /// <summary>Calls of partials by a name, with the place of the name.</summary>
    private static List<(string Name, int Start)> CallsOf(DotpromptDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var walker = new TemplateWalker(document, null);
        walker.Walk();
        return [.. walker.Partials.Where(call => !walker.InlinePartials.Contains(call.Name))
            .Select(call => (call.Name, Start: document.Source.IndexOf(call.Name, call.Start, call.End - call.Start, StringComparison.Ordinal))).Where(call => call.Start >= 0)];
    }
}
