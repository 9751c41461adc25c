using TgtModular.Interop.Harness;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Tests.TargetsConf;

[TestClass]
public sealed class TargetsReaderTests
{
    [TestMethod]
    public void Read_EveryName_IsKnown()
    {
        string text = string.Join('\n', (string[])
        [
            .. ConfigKeys.Global.Except(["include", "target"]).Select(name => name.EndsWith("user", StringComparison.Ordinal) ? $"{name} u p" : $"{name} 1"),
            "<target t>",
            .. ConfigKeys.TargetParameters.Select(name => $"{name} 1"),
            .. ConfigKeys.TargetOptions.Except(["backing-store", "direct-store"]).Select(name => name.EndsWith("user", StringComparison.Ordinal) ? $"{name} u p" : $"{name} 1"),
            "direct-store /b",
            "<backing-store /a>",
            .. ConfigKeys.StoreParameters.Select(name => $"{name} 1"),
            .. ConfigKeys.StoreOptions.Select(name => name == "write-cache" ? $"{name} off" : $"{name} 1"),
            "</backing-store>",
            "</target>",
        ]);

        TargetsConfiguration configuration = Read(text, out ConfigFindings findings);

        Assert.IsEmpty(findings.Lines, string.Join('\n', findings.Lines));
        TargetEntry target = configuration.Targets["t"];
        CollectionAssert.AreEqual(ConfigKeys.TargetParameters.ToArray(), target.Parameters.ConvertAll(parameter => parameter.Name));
        CollectionAssert.AreEqual((string[])["/a", "/b"], target.Stores.ConvertAll(store => store.Path));
        CollectionAssert.AreEqual((string[])[.. ConfigKeys.StoreParameters, "params"], target.Stores[0].Parameters.ConvertAll(parameter => parameter.Name));
        Assert.AreEqual((1ul, "1", "1", "1", "1", "1", false), (
            target.Stores[0].Lun!.Value, target.Stores[0].DeviceType, target.Stores[0].StoreType, target.Stores[0].StoreOptions, target.Stores[0].StoreFlags,
            target.Stores[0].BlockSize, target.Stores[0].WriteCache!.Value));
        Assert.AreEqual("iSNS", configuration.NameService[^1].Name);
    }

    [TestMethod]
    public void Read_TargetLevelOption_CountsForAllStoresButThoseWithTheirOwn()
    {
        TargetsConfiguration configuration = Read("""
            <target t>
                <backing-store /a>
                    vendor_id OWN
                </backing-store>
                backing-store /b
                vendor_id ALL
                mode_page 1
                mode_page 2
            </target>
            """, out _);

        string[] described = [.. configuration.Targets["t"].Stores.Select(store => string.Join(' ', store.Parameters.Select(parameter => $"{parameter.Name}={parameter.Value}")))];
        CollectionAssert.AreEqual((string[])["mode_page=1 mode_page=2 vendor_id=OWN", "vendor_id=ALL mode_page=1 mode_page=2"], described);
    }

    [TestMethod]
    public void Read_BlocksOfOneName_AreOneTarget()
    {
        TargetsConfiguration configuration = Read("<target t>\nbacking-store /a\n</target>\n<target t>\nbacking-store /b\n</target>\n", out _);

        CollectionAssert.AreEqual((string[])["/a", "/b"], configuration.Targets["t"].Stores.ConvertAll(store => store.Path));
    }

    [TestMethod]
    [DataRow("default-driver a\ndefault-driver b", "t.conf:2: default-driver is given twice, first at t.conf:1")]
    [DataRow("default-driver", "t.conf:1: default-driver needs a value")]
    [DataRow("target t", "t.conf:1: a target begins with <target NAME> and ends with </target>")]
    [DataRow("<target t>\n<foo x>\n</foo>\n</target>", "t.conf:2: <foo> does not belong into <target>")]
    [DataRow("<target t>\nincominguser u\n</target>", "t.conf:2: incominguser needs a user and a password")]
    [DataRow("<target t>\ncontroller_tid 0\n</target>", "t.conf:2: controller_tid is a number from 1 on, not '0'")]
    [DataRow("<target t>\ncontroller_tid 3\n</target>\n<target u>\ncontroller_tid 3\n</target>", "t.conf:5: controller_tid 3 is that of t already (t.conf:2)")]
    [DataRow("<target t>\nbacking-store\n</target>", "t.conf:2: backing-store needs a path")]
    [DataRow("<target t>\nvendor_id a\nvendor_id a\n</target>", "t.conf:3: vendor_id is given twice, first in line 2")]
    [DataRow("<target t>\n<backing-store /a>\nlun 0\n</backing-store>\n</target>", "t.conf:3: lun 0 is the target's controller; logical units begin at 1")]
    [DataRow("<target t>\n<backing-store /a>\nlun x\n</backing-store>\n</target>", "t.conf:3: lun is a number from 1 to 16383, not 'x'")]
    [DataRow("<target t>\nlun 7\nbacking-store /a\nbacking-store /b\n</target>", "t.conf:4: lun 7 of this target is /a already (line 3)")]
    [DataRow("<target t>\n<backing-store /a>\nwrite-cache x\n</backing-store>\n</target>", "t.conf:3: write-cache is on or off, not 'x'")]
    [DataRow("<target t>\n<backing-store /a>\n</backing-store>\n<backing-store /a>\n</backing-store>\n</target>", "t.conf:4: /a is a store of this target already")]
    public void Read_Wrong_SaysFileAndLine(string text, string expected)
    {
        _ = Read(text, out ConfigFindings findings);

        Assert.AreEqual(1, findings.Errors);
        Assert.AreEqual(expected, findings.Lines.Single());
    }

    [TestMethod]
    [DataRow("<target t>\nvendor-id a\n</target>", "t.conf:2: warning: 'vendor-id' means nothing here and is passed over (did you mean 'vendor_id'?)")]
    [DataRow("wholly-other a", "t.conf:1: warning: 'wholly-other' means nothing here and is passed over")]
    [DataRow("<target t>\noutgoinguser u p\noutgoinguser v p\n</target>", "t.conf:3: warning: outgoinguser counts once; that of line 2 is used")]
    [DataRow("<target t>\nincominguser u p q\n</target>", "t.conf:2: warning: incominguser is a user and a password; what follows is passed over")]
    [DataRow("<target t>\nMaxBurstLength 1\nMaxBurstLength 2\n</target>", "t.conf:3: warning: MaxBurstLength counts once; the value of line 2 is used")]
    [DataRow("<target t>\nincominguser u p\n</target>\n<target v>\nincominguser u q\n</target>", "t.conf:5: warning: user u has another password at t.conf:2; the first one is used everywhere")]
    [DataRow("<target t>\nbacking-store /a\nbacking-store /a\n</target>", "t.conf:3: warning: /a is a store of this target already and counts once")]
    public void Read_Odd_IsAWarning(string text, string expected)
    {
        _ = Read(text, out ConfigFindings findings);

        Assert.AreEqual(0, findings.Errors);
        Assert.AreEqual(expected, findings.Lines.Single());
    }

    private static TargetsConfiguration Read(string text, out ConfigFindings findings)
    {
        using TempDirectory directory = new();
        ConfigFindings found = new();
        TargetsConfiguration configuration = TargetsReader.Read(directory.Write("t.conf", text), found);
        findings = new ConfigFindings();

        // Only what is said, not where the test's directory is.
        foreach (string line in found.Lines)
        {
            string shortened = line.Replace(directory.Path + "/", "", StringComparison.Ordinal);
            int colon = shortened.IndexOf(':', shortened.IndexOf(':', StringComparison.Ordinal) + 1);
            ConfigPlace place = new("t.conf", int.Parse(shortened.AsSpan("t.conf:".Length, colon - "t.conf:".Length), System.Globalization.CultureInfo.InvariantCulture));
            string message = shortened[(colon + 2)..];
            if (message.StartsWith("warning: ", StringComparison.Ordinal)) findings.Warn(place, message["warning: ".Length..]);
            else findings.Error(place, message);
        }

        return configuration;
    }
}
