using Portal.Auth;
using Portal.Components.Layout;

namespace Portal.Components.Palette;

/// <summary>The pages of the navigation that are for the reader, as entries of the palette.</summary>
internal sealed class PagePalette(CurrentUser user) : IPaletteSource
{
    public IEnumerable<PaletteEntry> Entries(string @namespace) =>
        NavigationLink.All.Where(link => link.IsFor(user)).Select(link => new PaletteEntry("Go to", link.Title, link.Icon, link.Href(@namespace), link.Keys));
}
