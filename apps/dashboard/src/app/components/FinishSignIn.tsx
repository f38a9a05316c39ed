import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';

/** After a sign-in, leads on to the page it was started from. */
export function FinishSignIn({ arrived }: { readonly arrived: Promise<string | undefined> }) {
  const navigate = useNavigate();
  const done = useRef(false);
  useEffect(() => {
    void arrived.then((path) => {
      // Once: a later navigation is the person's own.
      if (done.current || path === undefined) return;
      done.current = true;
      void navigate(path, { replace: true });
    });
  }, [arrived, navigate]);
  return null;
}
