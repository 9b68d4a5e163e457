namespace Portal.Components.Layout;

/// <summary>A slice's own place in the top bar, left of the theme and the user.</summary>
/// <param name="Component">Takes no parameters.</param>
public sealed record TopBarItem(Type Component);
