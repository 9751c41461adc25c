global using Microsoft.VisualStudio.TestTools.UnitTesting;
global using TgtModular.Devices;
global using TgtModular.Scsi;
global using TgtModular.TestKit;
