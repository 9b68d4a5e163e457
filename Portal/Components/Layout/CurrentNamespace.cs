using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Portal.Components.Layout;

/// <summary>
/// The namespace one browser tab works in: the one in the URL, else the last one it saw, else <c>demo</c> while there is one, else the first the reader may
/// see. Never one they may not.
/// </summary>
public sealed class CurrentNamespace : IDisposable
{
    private const string Demo = "demo";
    private const string Default = "default";
    private readonly NavigationManager _navigation;
    private readonly NamespaceDirectory _namespaces;
    private string? _seen;

    public CurrentNamespace(NavigationManager navigation, NamespaceDirectory namespaces)
    {
        _navigation = navigation;
        _namespaces = namespaces;
        _seen = FromUrl();
        navigation.LocationChanged += OnLocationChanged;
    }

    /// <summary>Raised after <see cref="Name"/> changed, on the circuit's own thread.</summary>
    public event Action? Changed;

    public string Name => _seen is not null && _namespaces.MaySee(_seen) ? _seen : Home();

    /// <summary>Goes to the same page in another namespace; from a detail page to its list.</summary>
    public void Go(string name)
    {
        var segments = Segments();
        var page = segments.Length > 2 && segments[0] == "ns" ? segments[2] : "prompts";
        _navigation.NavigateTo($"/ns/{Uri.EscapeDataString(name)}/{page}");
    }

    public void Dispose() => _navigation.LocationChanged -= OnLocationChanged;

    private string Home()
    {
        var names = _namespaces.Names();
        return names.Contains(Demo) ? Demo : names.Contains(Default) || names.Count == 0 ? Default : names[0];
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs args)
    {
        if (FromUrl() is { } name && name != Name)
        {
            _seen = name;
            Changed?.Invoke();
        }
    }

    private string? FromUrl() => Segments() is ["ns", var name, ..] ? Uri.UnescapeDataString(name) : null;

    private string[] Segments() =>
        _navigation.ToBaseRelativePath(_navigation.Uri).Split('?', '#')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
}
