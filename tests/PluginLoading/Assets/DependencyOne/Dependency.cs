namespace Assets;

public static class Dependency
{
    public static string OneOnly() => "dependency 1";
}
