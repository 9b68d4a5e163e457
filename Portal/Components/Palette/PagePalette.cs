using Portal.Components.Layout;

namespace Portal.Components.Palette;

/// <summary>The pages of the navigation as entries of the palette.</summary>
internal sealed class PagePalette : IPaletteSource
{
    public IEnumerable<PaletteEntry> Entries(string @namespace) =>
        NavigationLink.All.Select(link => new PaletteEntry("Go to", link.Title, link.Icon, link.Href(@namespace), link.Keys));
}
