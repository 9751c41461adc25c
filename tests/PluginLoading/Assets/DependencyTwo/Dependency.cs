namespace Assets;

public static class Dependency
{
    public static string TwoOnly() => "dependency 2";
}
