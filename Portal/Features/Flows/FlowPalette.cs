using Portal.Components.Palette;

namespace Portal.Features.Flows;

/// <summary>Flows, and making a new one, as entries of the command palette.</summary>
internal sealed class FlowPalette(FlowDirectory directory) : IPaletteSource
{
    public IEnumerable<PaletteEntry> Entries(string @namespace)
    {
        var list = $"/ns/{Uri.EscapeDataString(@namespace)}/flows";
        return directory.Flows.Store.List(@namespace)
            .Select(flow => new PaletteEntry("Flow", flow.Name, "account_tree", $"{list}/{Uri.EscapeDataString(flow.Name)}"))
            .Prepend(new PaletteEntry("Do", "New flow", "add", $"{list}?new=1"));
    }
}
