using Portal.Components;
using Portal.Components.Palette;

namespace Portal.Features.Health.Resources;

/// <summary>Objects of all kinds as entries of the command palette; those of Flows and Prompts are their own slices'.</summary>
internal sealed class ResourcePalette(ResourceDirectory resources) : IPaletteSource
{
    public IEnumerable<PaletteEntry> Entries(string @namespace) => resources.List(null, @namespace).Where(item => item.Kind is not ("Flow" or "Prompt"))
        .Select(item => new PaletteEntry(item.Kind, item.Name, KindIcon.Of(item.Kind), ResourceLinks.To(item.Kind, @namespace, item.Name)!));
}
