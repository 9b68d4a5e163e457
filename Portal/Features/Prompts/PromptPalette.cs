using Portal.Components.Palette;

namespace Portal.Features.Prompts;

/// <summary>Published prompts, and writing a new one, as entries of the command palette.</summary>
internal sealed class PromptPalette(PromptCatalog catalog) : IPaletteSource
{
    public IEnumerable<PaletteEntry> Entries(string @namespace)
    {
        var list = $"/ns/{Uri.EscapeDataString(@namespace)}/prompts";
        return catalog.Prompts.Store.List(@namespace)
            .Select(prompt => new PaletteEntry("Prompt", prompt.Name, "edit_note", $"{list}/{Uri.EscapeDataString(prompt.Name)}"))
            .Prepend(new PaletteEntry("Do", "New prompt", "add", $"{list}?new=1"));
    }
}
