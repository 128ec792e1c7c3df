-- What alice may changes all the time, where SQLsmith can see it and where it
-- cannot; far tenants stay far.
DO $$
BEGIN
    LOOP
        PERFORM tacl_unassign('alice', 'editor', 'own-2'), tacl_suspend_tenant('101');
        COMMIT;
        PERFORM pg_sleep(0.1);
        PERFORM tacl_assign('alice', 'editor', 'own-2'), tacl_resume_tenant('101');
        COMMIT;
        PERFORM tacl_define_role('viewer', '{data.view,other.view}'), tacl_unassign('bob', 'editor', 'far-1');
        COMMIT;
        PERFORM pg_sleep(0.1);
        PERFORM tacl_define_role('viewer', '{data.view}'), tacl_assign('bob', 'editor', 'far-1');
        COMMIT;
    END LOOP;
END $$;
